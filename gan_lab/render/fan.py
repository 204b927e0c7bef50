"""A past and its many futures."""

import math

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

MOST_CHANNELS = 12
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PATHS = 4


def fan_figure(
    past: np.ndarray,
    futures: np.ndarray,
    *,
    names: tuple[str, ...] = (),
    past_time: np.ndarray | None = None,
    time: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """One panel per channel: the past as a line, then bands of 90 % and 50 % of the futures.

    The fan opens at the last value of the past; thin lines are single futures.

    Args:
        past: Values that are known, `(c, t)`.
        futures: Paths after them, `(p, c, s)`.
        names: Names of the channels.
        past_time: Date or number of each step of the past, `(t,)`; by default they end at 0.
        time: Those of the futures, `(s,)`; by default they begin at 1.
        title: Heading.
    """
    before = np.arange(1 - past.shape[1], 1) if past_time is None else past_time
    after = np.arange(1, futures.shape[2] + 1) if time is None else time
    channels = min(len(past), MOST_CHANNELS)
    columns = 1 if channels == 1 else 2
    rows = math.ceil(channels / columns)
    sheet = figure(7.4 if columns == 1 else 10.0, 2.0 * rows + 1.2)
    heading(sheet, title)
    caption(sheet, "blue: the past; orange: median, bands of 50 % and 90 %; thin: single futures")
    panels = sheet.subplots(rows, columns, squeeze=False, sharex=True)
    for axes in panels.flat[channels:]:
        axes.set_visible(False)
    for channel, axes in zip(range(channels), panels.flat, strict=False):
        dress(axes, channel_name(names, channel))
        last = np.full((len(futures), 1), past[channel, -1])
        _draw(axes, (before, past[channel]), (after, np.hstack([last, futures[:, channel]])))
        if channel + columns >= channels:
            _label(axes, dated=np.issubdtype(after.dtype, np.datetime64))
    return sheet


def _draw(
    axes: Axes, past: tuple[np.ndarray, np.ndarray], fan: tuple[np.ndarray, np.ndarray]
) -> None:
    time = np.concatenate([past[0][-1:], fan[0]])
    q = np.quantile(fan[1], QUANTILES, axis=0)
    axes.fill_between(time, q[0], q[4], color=GENERATED, alpha=0.16, lw=0)
    axes.fill_between(time, q[1], q[3], color=GENERATED, alpha=0.32, lw=0)
    for path in fan[1][:: max(1, len(fan[1]) // PATHS)][:PATHS]:
        axes.plot(time, path, color=INK, lw=0.7, alpha=0.45)
    axes.plot(time, q[2], color=GENERATED, lw=1.8)
    axes.plot(*past, color=REAL, lw=1.4)
    axes.axvline(past[0][-1], color=MUTED, lw=0.8, ls=(0, (3, 3)))
    axes.margins(x=0)
    axes.locator_params(axis="y", nbins=5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_offset_text().set(color=MUTED, fontsize=8)


def _label(axes: Axes, *, dated: bool) -> None:
    axes.tick_params(labelbottom=True)
    if not dated:
        axes.set_xlabel("steps after the past")
        return
    places = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(places)
    names = ConciseDateFormatter(places)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(names)
