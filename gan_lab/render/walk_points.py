"""Walks of points: lines or a net over a cloud of samples, with their gauge."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from gan_lab.render.beside import Beside
from gan_lab.render.series import colour_bar
from gan_lab.render.style import MUTED, TIME, caption, channel_name, dress, figure, heading
from gan_lab.render.walk_series import gauge_note, gauge_panel, wrapped
from gan_lab.spec import DataSpec

MOST_GAUGES = 6


def points_lines(
    x: Float[Tensor, "r s c"],
    positions: Float[Tensor, "r s"],
    beside: Beside,
    spec: DataSpec,
    *,
    backdrop: Float[Tensor, "b c"] | None = None,
    rows: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """Paths through the first two channels coloured by position; on the right their gauges.

    Args:
        x: Points in model range, `(r, s, c)`.
        positions: Where along its path each point stands, `(r, s)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the points look like.
        backdrop: Samples drawn behind, `(b, c)`.
        rows: One text per row.
        title: Heading.
    """
    shown = min(len(x), MOST_GAUGES)
    sheet = figure(7.6, max(4.8, 0.8 * shown + 1.2))
    heading(sheet, title)
    caption(sheet, wrapped(gauge_note(beside) + "; grey: samples", 7.6))
    panels = sheet.subplots(
        shown, 2, squeeze=False, sharex="col", gridspec_kw={"width_ratios": [5, 1.5]}
    )
    grid = panels[0, 0].get_gridspec()
    for axes in panels[:, 0]:
        axes.remove()
    plot = sheet.add_subplot(grid[:, 0])
    cloud(plot, backdrop, spec)
    low, high = float(positions.min()), float(positions.max())
    shade = (positions.numpy() - low) / ((high - low) or 1.0)
    for k, path in enumerate(plane_of(x, positions, spec)):
        plot.plot(path[:, 0], path[:, 1], color="#8a94a3", lw=0.7, alpha=0.7)
        plot.scatter(path[:, 0], path[:, 1], c=TIME(shade[k]), s=16, zorder=3)
        plot.annotate(str(k + 1), path[0], fontsize=8, color=MUTED, xytext=(4, 4),
                      textcoords="offset points")  # fmt: skip
    for k in range(shown):
        gauge_panel(panels[k, 1], positions[k], beside, k)
        panels[k, 1].set_ylabel(rows[k] if rows else f"path {k + 1}")
    dress(panels[0, 1], "gauge, %")
    panels[-1, 1].set_xlabel("position")
    if (low, high) == (0.0, 1.0):
        colour_bar(sheet, [plot])
    return sheet


def points_net(
    x: Float[Tensor, "r s c"],
    beside: Beside,
    spec: DataSpec,
    *,
    backdrop: Float[Tensor, "b c"] | None = None,
    title: str = "",
) -> Figure:
    """A grid of latents as the net that the generator makes of it, coloured by the gauge.

    Args:
        x: Points in model range, `(r, s, c)`; neighbours are joined by lines.
        beside: Gauge, jumps and what is off the support.
        spec: What the points look like.
        backdrop: Samples drawn behind, `(b, c)`.
        title: Heading.
    """
    sheet = figure(5.8, 5.2)
    heading(sheet, title)
    caption(sheet, "knots: percentile of the latent among the prior's draws; grey: samples")
    axes = sheet.subplots()
    cloud(axes, backdrop, spec)
    y = plane_of(x, beside.gauge / 100, spec)
    for lines in (y, y.swapaxes(0, 1)):
        for line in lines:
            axes.plot(line[:, 0], line[:, 1], color="#8a94a3", lw=0.7, alpha=0.8)
    knots = axes.scatter(
        y[..., 0].ravel(), y[..., 1].ravel(), c=beside.gauge.flatten().numpy(), cmap=TIME,
        vmin=0, vmax=100, s=20, zorder=3,
    )  # fmt: skip
    bar = sheet.colorbar(knots, ax=[axes], fraction=0.03, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=MUTED, labelsize=8, length=0)
    bar.ax.set_title("gauge, %", color=MUTED, fontsize=9)
    return sheet


def cloud(axes: Axes, backdrop: Float[Tensor, "b c"] | None, spec: DataSpec) -> None:
    """Dress axes for points and draw samples in grey."""
    dress(axes)
    axes.set_xlabel(channel_name(spec.channel_names, 0))
    axes.set_ylabel(channel_name(spec.channel_names, 1) if spec.channels > 1 else "position")
    if backdrop is not None and spec.channels > 1:
        y = spec.to_units(backdrop.detach().cpu()).double().numpy()
        axes.scatter(y[:, 0], y[:, 1], s=3, color="#cbd3dc", lw=0)
    if spec.channels > 1:
        axes.set_aspect("equal", adjustable="datalim")


def plane_of(x: Float[Tensor, "r s c"], height: Float[Tensor, "r s"], spec: DataSpec) -> np.ndarray:
    """Two numbers per point: the first two channels, or the only one and a height, `(r, s, 2)`."""
    y = spec.to_units(x.detach().cpu().flatten(0, 1)).double().numpy().reshape(*x.shape[:2], -1)
    if spec.channels > 1:
        flat: np.ndarray = y[..., :2]
        return flat
    return np.stack([y[..., 0], height.numpy()], -1)
