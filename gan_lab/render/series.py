"""Batches of time series: fans of quantiles, single paths, interpolations."""

import math

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from torch import Tensor

from gan_lab.render.style import (
    GENERATED,
    INK,
    MUTED,
    REAL,
    TIME,
    caption,
    channel_name,
    dress,
    figure,
    heading,
)
from gan_lab.spec import DataSpec

MOST_CHANNELS = 12
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def series_figure(
    x: Float[Tensor, "b c t"],
    spec: DataSpec,
    *,
    reference: Float[Tensor, "r c t"] | None = None,
    title: str = "",
    real: bool = False,
    paths: int = 3,
) -> Figure:
    """Fans of 90 % and 50 % of the series around the median, one panel per channel.

    With a reference each channel has two panels with the same axes, real series on the left and
    generated ones on the right; thin lines are single series.

    Args:
        x: Series in model range, `(b, c, t)`.
        spec: What they look like.
        reference: Real series to compare with, `(r, c, t)`.
        title: Heading.
        real: Whether `x` are real data, which have their own colour.
        paths: Number of single series that are drawn.
    """
    channels = min(spec.channels, MOST_CHANNELS)
    per_channel = 1 if reference is None else 2
    blocks = 1 if channels == 1 else 2
    rows = math.ceil(channels / blocks)
    columns = blocks * per_channel
    sheet = figure(max(2.9 * columns, 6.0), 1.55 * rows + 0.9)
    heading(sheet, title)
    caption(sheet, "line: median; bands: 50 % and 90 % of the series; thin lines: single series")
    panels = sheet.subplots(rows, columns, squeeze=False, sharex=True)
    groups = [("real", REAL, x) if real else ("generated", GENERATED, x)]
    if reference is not None:
        groups.insert(0, ("real", REAL, reference))
    units = [
        (name, colour, spec.to_window_units(v.detach().cpu()).float()) for name, colour, v in groups
    ]
    for axes in panels.flat[channels * per_channel :]:
        axes.set_visible(False)
    for channel in range(channels):
        row, block = divmod(channel, blocks)
        low, high = _limits(units[0][2][:, channel])
        for k, (name, colour, y) in enumerate(units):
            axes = panels[row, block * per_channel + k]
            dress(axes, f"{channel_name(spec.channel_names, channel)}, {name}")
            _fan(axes, y[:, channel], colour, paths)
            axes.set_ylim(low, high)
            axes.yaxis.get_major_locator().set_params(nbins=4)
            if k:
                axes.tick_params(labelleft=False)
            if channel + blocks >= channels:
                axes.set_xlabel("time step")
                axes.tick_params(labelbottom=True)
    return sheet


def series_paths_figure(
    paths: Float[Tensor, "p s c t"], t: Float[Tensor, " s"], spec: DataSpec, *, title: str = ""
) -> Figure:
    """Interpolations: one row per path, one column per channel, lines coloured by t.

    Args:
        paths: Series along each path in model range, `(p, s, c, t)`.
        t: Positions along a path, in [0, 1], `(s,)`.
        spec: What the series look like.
        title: Heading.
    """
    channels = min(spec.channels, 4)
    y = spec.to_window_units(paths.detach().cpu().flatten(0, 1)).float().reshape(paths.shape)
    rows = len(paths)
    sheet = figure(2.6 * channels + 1.4, 1.6 * rows + 0.8)
    heading(sheet, title)
    panels = sheet.subplots(rows, channels, squeeze=False, sharex=True, sharey="col")
    for row in range(rows):
        for channel in range(channels):
            axes = panels[row, channel]
            dress(axes, "" if row else channel_name(spec.channel_names, channel))
            for k, position in enumerate(t.tolist()):
                axes.plot(y[row, k, channel].numpy(), color=TIME(position), lw=1.2, alpha=0.9)
            axes.yaxis.get_major_locator().set_params(nbins=4)
        panels[row, 0].set_ylabel(f"path {row + 1}")
    for axes in panels[-1]:
        axes.set_xlabel("time step")
    colour_bar(sheet, list(panels.flat))
    return sheet


def colour_bar(sheet: Figure, panels: list[Axes]) -> None:
    """Legend of the position t along a path."""
    bar = sheet.colorbar(ScalarMappable(cmap=TIME), ax=panels, fraction=0.03, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.set_ticks([0, 0.5, 1])
    bar.ax.tick_params(colors=MUTED, labelsize=8, length=0)
    bar.ax.set_title("t", color=MUTED, fontsize=9)


def _fan(axes: Axes, y: Float[Tensor, "b t"], colour: str, paths: int) -> None:
    q = torch.quantile(y, torch.tensor(QUANTILES), dim=0).numpy()
    time = np.arange(y.shape[1])
    axes.fill_between(time, q[0], q[4], color=colour, alpha=0.16, lw=0)
    axes.fill_between(time, q[1], q[3], color=colour, alpha=0.32, lw=0)
    for path in y[:: max(1, len(y) // paths)][:paths].numpy():
        axes.plot(time, path, color=INK, lw=0.7, alpha=0.45)
    axes.plot(time, q[2], color=colour, lw=1.8)
    axes.set_xlim(0, max(len(time) - 1, 1))


def _limits(y: Float[Tensor, "b t"]) -> tuple[float, float]:
    """Range of most values, with a margin."""
    values = y[y.isfinite()].double().numpy()
    if not len(values):
        return -1.0, 1.0
    low, high = (float(np.quantile(values, q)) for q in (0.005, 0.995))
    pad = 0.12 * (high - low) or 1.0
    return low - pad, high + pad
