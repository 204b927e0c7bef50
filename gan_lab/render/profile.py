"""One picture of a data set before training: every channel's course, memory and spread."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from gan_lab.render.style import (
    GENERATED,
    INK,
    MUTED,
    REAL,
    caption,
    channel_name,
    dress,
    figure,
    heading,
)

MOST_CHANNELS, MOST_LINES, MOST_STEPS = 12, 20, 4000


def profile_figure(
    courses: Sequence[tuple[np.ndarray, np.ndarray]],
    memory: np.ndarray,
    change_memory: np.ndarray,
    *,
    names: tuple[str, ...],
    notes: Sequence[str],
    title: str,
) -> Figure:
    """Three panels per channel: the series, its autocorrelation, the histogram of its values.

    Args:
        courses: Series as `(time (t,), values (c, t))`; time counts steps, or is `datetime64`.
        memory: Autocorrelations `(c, k)` at lags 1 to k.
        change_memory: The same of the changes from step to step.
        names: Names of the channels.
        notes: A few words on each channel.
        title: Heading.
    """
    channels = min(len(memory), MOST_CHANNELS)
    sheet = figure(11.0, 1.55 * channels + 0.9)
    heading(sheet, title)
    caption(
        sheet,
        "autocorrelation: bars of the values, dots of their changes; "
        "band: what white noise of this length stays within",
    )
    panels = sheet.subplots(
        channels, 3, squeeze=False, gridspec_kw={"width_ratios": [3.2, 1.5, 1.1]}
    )
    longest = max(len(time) for time, _ in courses)
    for c in range(channels):
        _course(panels[c, 0], [(time, values[c]) for time, values in courses])
        _title(panels[c, 0], channel_name(names, c), notes[c])
        _memory(panels[c, 1], memory[c], change_memory[c], longest)
        _histogram(panels[c, 2], np.concatenate([values[c] for _, values in courses]))
    dress(panels[0, 1], "autocorrelation")
    dress(panels[0, 2], "values")
    panels[-1, 1].set_xlabel("lag")
    if not np.issubdtype(courses[0][0].dtype, np.datetime64):
        panels[-1, 0].set_xlabel("time step")
    return sheet


def _title(axes: Axes, name: str, note: str) -> None:
    dress(axes, name)
    axes.set_title(note, loc="right", color=MUTED, fontsize=8.5, pad=5)


def _course(axes: Axes, courses: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    shown = courses[:: max(1, len(courses) // MOST_LINES)][:MOST_LINES]
    for time, values in shown:
        thin = max(1, math.ceil(len(time) / MOST_STEPS))
        colour = REAL if len(shown) == 1 else INK
        axes.plot(
            time[::thin], values[::thin], color=colour, lw=0.9, alpha=1 if len(shown) == 1 else 0.4
        )
    axes.margins(x=0.01)
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.get_offset_text().set(color=MUTED, fontsize=8)
    if np.issubdtype(shown[0][0].dtype, np.datetime64):
        locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _memory(axes: Axes, memory: np.ndarray, change: np.ndarray, steps: int) -> None:
    dress(axes)
    lags = np.arange(1, len(memory) + 1)
    band = 1.96 / math.sqrt(steps)
    axes.axhspan(-band, band, color=MUTED, alpha=0.15, lw=0)
    axes.axhline(0, color=MUTED, lw=0.8)
    axes.bar(lags, memory, width=0.55, color=REAL)
    axes.plot(lags[: len(change)], change, "o", color=GENERATED, ms=3)
    axes.set_ylim(-1.05, 1.05)
    axes.set_yticks([-1, 0, 1])
    axes.locator_params(axis="x", integer=True, nbins=5)


def _histogram(axes: Axes, values: np.ndarray) -> None:
    dress(axes)
    known = values[np.isfinite(values)]
    if len(known):
        axes.hist(known, bins=min(60, max(5, int(math.sqrt(len(known))))), color=REAL, alpha=0.8)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.get_offset_text().set(color=MUTED, fontsize=8)
