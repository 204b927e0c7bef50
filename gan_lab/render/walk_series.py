"""Walks of series: lines along each row, or a table of small panels, with their gauge."""

from collections.abc import Sequence
from textwrap import fill

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from gan_lab.render.beside import TYPICAL, Beside
from gan_lab.render.series import colour_bar
from gan_lab.render.style import (
    GENERATED,
    HAIR,
    INK,
    MUTED,
    TIME,
    caption,
    channel_name,
    dress,
    figure,
    heading,
)
from gan_lab.spec import DataSpec

MOST_CHANNELS = 3


def series_lines(
    x: Float[Tensor, "r s c t"],
    positions: Float[Tensor, "r s"],
    beside: Beside,
    spec: DataSpec,
    *,
    rows: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """One row per path, one panel per channel with a line per position, then the gauge.

    Args:
        x: Series in model range, `(r, s, c, t)`.
        positions: Where along its path each series stands, `(r, s)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the series look like.
        rows: One text per row.
        title: Heading.
    """
    channels = min(spec.channels, MOST_CHANNELS)
    y = spec.to_window_units(x.detach().cpu().flatten(0, 1)).float().reshape(x.shape)
    width = 2.6 * channels + 3.0
    sheet = figure(width, 1.5 * len(x) + 1.1)
    heading(sheet, title)
    caption(sheet, wrapped(gauge_note(beside), width))
    panels = sheet.subplots(
        len(x), channels + 1, squeeze=False, sharex="col", sharey="col",
        gridspec_kw={"width_ratios": [2.6] * channels + [1.5]},
    )  # fmt: skip
    low, high = float(positions.min()), float(positions.max())
    for row in range(len(x)):
        shade = [(p - low) / ((high - low) or 1.0) for p in positions[row].tolist()]
        for c in range(channels):
            axes = panels[row, c]
            dress(axes, "" if row else channel_name(spec.channel_names, c))
            for k, position in enumerate(shade):
                axes.plot(y[row, k, c].numpy(), color=TIME(position), lw=1.1, alpha=0.9)
            axes.yaxis.get_major_locator().set_params(nbins=4)
        gauge_panel(panels[row, -1], positions[row], beside, row)
        panels[row, 0].set_ylabel(rows[row] if rows else f"path {row + 1}")
    dress(panels[0, -1], "gauge, %")
    for axes in panels[-1, :-1]:
        axes.set_xlabel("time step")
    panels[-1, -1].set_xlabel("position")
    if (low, high) == (0.0, 1.0):
        colour_bar(sheet, list(panels.flat))
    return sheet


def series_table(
    x: Float[Tensor, "r s c t"],
    beside: Beside,
    spec: DataSpec,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    channel: int = 0,
) -> Figure:
    """Small panels in rows and columns, one channel, each with its percentile in the corner.

    Args:
        x: Series in model range, `(r, s, c, t)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the series look like.
        rows: One text per row.
        columns: One text per column.
        title: Heading.
        channel: Which channel is drawn.
    """
    y = spec.to_window_units(x.detach().cpu().flatten(0, 1)).float().reshape(x.shape)
    width = 1.25 * x.shape[1] + 0.9
    sheet = figure(width, 0.95 * x.shape[0] + 1.2)
    heading(sheet, title)
    note = (
        f"{channel_name(spec.channel_names, channel)}, same axes everywhere; in the corner the "
        "percentile of the latent among the prior's draws, orange outside 1 to 99"
    )
    caption(sheet, wrapped(note, width))
    panels = sheet.subplots(*x.shape[:2], squeeze=False, sharex=True, sharey=True)
    for row in range(x.shape[0]):
        for k in range(x.shape[1]):
            axes = panels[row, k]
            dress(axes)
            axes.plot(y[row, k, channel].numpy(), color=INK, lw=1.0)
            percentile = float(beside.gauge[row, k])
            axes.text(
                0.97, 0.97, f"{percentile:.0f}", transform=axes.transAxes, ha="right", va="top",
                fontsize=7, color=gauge_colour(percentile),
            )  # fmt: skip
            axes.tick_params(labelleft=not k, labelbottom=row == x.shape[0] - 1, labelsize=7)
            axes.locator_params(nbins=3)
            if not row and columns:
                axes.set_title(columns[k], color=MUTED, fontsize=8.5, pad=4)
        if rows:
            panels[row, 0].set_ylabel(rows[row])
    return sheet


def gauge_panel(axes: Axes, positions: Float[Tensor, " s"], beside: Beside, row: int) -> None:
    """Percentile along one path, with the typical range and its jumps."""
    dress(axes)
    gauge = beside.gauge[row]
    axes.axhspan(*TYPICAL, color=HAIR, alpha=0.6, lw=0)
    axes.axhline(50, color=MUTED, lw=0.7)
    axes.plot(positions.numpy(), gauge.numpy(), color=MUTED, lw=1.0)
    colours = [gauge_colour(value) for value in gauge.tolist()]
    axes.scatter(positions.numpy(), gauge.numpy(), color=colours, s=12, zorder=3)
    axes.set_ylim(-6, 106)
    axes.set_yticks([0, 50, 100])
    if beside.shows_jumps:
        for k in beside.jumps[row].nonzero().flatten().tolist():
            axes.axvline(float(positions[k] + positions[k + 1]) / 2, color=GENERATED, lw=1.2)


def gauge_colour(percentile: float) -> str:
    """Quiet where the latent is typical of the prior."""
    return MUTED if TYPICAL[0] <= percentile <= TYPICAL[1] else GENERATED


def wrapped(text: str, inches: float) -> str:
    """Lines of small print that fit a figure of that width."""
    return fill(text, max(30, int(15 * inches)))


def gauge_note(beside: Beside) -> str:
    """What the gauge shows, in a line."""
    note = (
        "gauge: percentile of the latent among the prior's draws; "
        "0: nearer the centre, 100: farther out, orange: outside 1 to 99"
    )
    return note + ("; orange line: the path jumps" if beside.shows_jumps else "")
