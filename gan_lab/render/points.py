"""Clouds of points: real beside generated on the same axes."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from torch import Tensor

from gan_lab.render.series import colour_bar
from gan_lab.render.style import (
    GENERATED,
    GENERATED_DENSITY,
    REAL,
    REAL_DENSITY,
    TIME,
    channel_name,
    dress,
    figure,
    heading,
)
from gan_lab.spec import DataSpec

CROWD = 4000


def points_figure(
    x: Float[Tensor, "b c"],
    spec: DataSpec,
    *,
    reference: Float[Tensor, "r c"] | None = None,
    title: str = "",
    real: bool = False,
) -> Figure:
    """Scatter of the first two channels (hexagons for crowds, a histogram for one channel).

    Args:
        x: Points in model range, `(b, c)`.
        spec: What they look like.
        reference: Real points, `(r, c)`; they fix the axes.
        title: Heading.
        real: Whether `x` are real data, which have their own colour.
    """
    groups = [("generated", GENERATED, GENERATED_DENSITY, x)]
    if real:
        groups = [("real", REAL, REAL_DENSITY, x)]
    if reference is not None:
        groups.insert(0, ("real", REAL, REAL_DENSITY, reference))
    sheet = figure(4.2 * len(groups), 4.4)
    heading(sheet, title)
    panels = sheet.subplots(1, len(groups), squeeze=False, sharex=True, sharey=True)[0]
    box = _box(_units(groups[0][3], spec))
    for axes, (name, colour, shades, values) in zip(panels, groups, strict=True):
        y = _units(values, spec)
        dress(axes, f"{name} ({_count(y, box)})")
        _cloud(axes, y, colour, shades, box)
        axes.set_xlabel(channel_name(spec.channel_names, 0))
    panels[0].set_ylabel(channel_name(spec.channel_names, 1) if spec.channels > 1 else "density")
    return sheet


def points_paths_figure(
    paths: Float[Tensor, "p s c"],
    t: Float[Tensor, " s"],
    spec: DataSpec,
    *,
    reference: Float[Tensor, "r c"] | None = None,
    title: str = "",
) -> Figure:
    """Paths through the plane coloured by t, over the real points in grey.

    Args:
        paths: Points along each path in model range, `(p, s, c)`.
        t: Positions along a path, in [0, 1], `(s,)`.
        spec: What the points look like.
        reference: Real points, `(r, c)`.
        title: Heading.
    """
    sheet = figure(5.4, 4.8)
    heading(sheet, title)
    axes = sheet.subplots()
    dress(axes)
    y = _units(paths.flatten(0, 1), spec).reshape(*paths.shape[:2], -1)
    height = y[..., 1] if spec.channels > 1 else np.broadcast_to(t.numpy(), y.shape[:2])
    if reference is not None and spec.channels > 1:
        real = _units(reference, spec)
        axes.scatter(real[:, 0], real[:, 1], s=3, color="#cbd3dc", lw=0)
    for path, level in zip(y, height, strict=True):
        axes.plot(path[:, 0], level, color="#8a94a3", lw=0.7, alpha=0.7)
        axes.scatter(path[:, 0], level, c=t.numpy(), cmap=TIME, vmin=0, vmax=1, s=16, zorder=3)
    if spec.channels > 1:
        axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(channel_name(spec.channel_names, 0))
    axes.set_ylabel(channel_name(spec.channel_names, 1) if spec.channels > 1 else "t")
    colour_bar(sheet, [axes])
    return sheet


Box = list[tuple[float, float]]


def _cloud(axes: Axes, y: np.ndarray, colour: str, shades: Colormap, box: Box) -> None:
    y = y[np.isfinite(y).all(1)]
    if y.shape[1] == 1:
        bins, (low, high) = 60, box[0]
        share = np.full(len(y), bins / (max(len(y), 1) * (high - low)))  # outliers count too
        axes.hist(y[:, 0], bins=bins, range=box[0], weights=share, color=colour, alpha=0.8)
        axes.set_xlim(*box[0])
        return
    if len(y) > CROWD:
        extent = (*box[0], *box[1])
        axes.hexbin(
            y[:, 0], y[:, 1], gridsize=70, extent=extent, bins="log", mincnt=1, cmap=shades, lw=0.1
        )
    else:
        axes.scatter(y[:, 0], y[:, 1], s=5, color=colour, alpha=0.45, lw=0)
    axes.set_xlim(*box[0])
    axes.set_ylim(*box[1])
    axes.set_aspect("equal")


def _count(y: np.ndarray, box: Box) -> str:
    """Number of points, and of those that the axes leave out."""
    inside = np.all([(low <= v) & (v <= high) for v, (low, high) in zip(y.T, box, strict=False)], 0)
    outside = len(y) - int(inside.sum())
    return f"{len(y):,}, {outside:,} outside" if outside else f"{len(y):,}"


def _units(x: Tensor, spec: DataSpec) -> np.ndarray:
    y: np.ndarray = spec.to_units(x.detach().cpu()).double().numpy()
    return y


def _box(y: np.ndarray) -> Box:
    """Range of the first two channels with a margin; for two, sides of equal length."""
    y = y[np.isfinite(y).all(1), :2]
    low, high = (y.min(0), y.max(0)) if len(y) else (-np.ones(y.shape[1]), np.ones(y.shape[1]))
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * 1.1 or 1.0
    return [(float(c) - half, float(c) + half) for c in centre]
