"""Maps: places in two dimensions, coloured by what is asked about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from gan_lab.render.style import INK, MUTED, caption, dress, figure, heading

CLASSES = (
    "#2f6690", "#d1603d", "#4f8a5b", "#7d6b9c", "#e9a23b",
    "#3f8f9b", "#b3446c", "#8c6d46", "#6b7889", "#9bbf4b",
)  # fmt: skip
SHADES = LinearSegmentedColormap.from_list(
    "level", ["#c9473b", "#efb28f", "#dfe3e8", "#7fa6c4", "#1f4e79"]
)
BACKDROP = "#d3d9e0"
SPREAD = 0.995
LEGEND = 66
"""Letters that fit below a map, a mark counted as four."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Places of one kind.

    Attributes:
        name: What the legend says.
        xy: Places, `(n, 2)`.
        colour: One colour for all, or one value each, which the panel's scale colours.
        size: Area of a dot in square points.
        marker: Matplotlib's marker.
    """

    name: str
    xy: Float[Tensor, "n 2"]
    colour: str | Float[Tensor, " n"]
    size: float = 7.0
    marker: str = "o"


@dataclass(frozen=True)
class Scale:
    """Colours of numbers: a name, the range, and a word for either end."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Panel:
    """One map.

    Attributes:
        title: What it shows.
        layers: From the back to the front.
        scale: Scale of the layers that have values; None: no layer has.
        names: What the axes are.
    """

    title: str
    layers: tuple[Layer, ...]
    scale: Scale | None = None
    names: tuple[str, str] = ("", "")


def map_figure(panels: Sequence[Panel], *, title: str = "", note: str = "") -> Figure:
    """Maps side by side, each with a legend below it or a scale beside it.

    Args:
        panels: The maps.
        title: Heading.
        note: Small text below.
    """
    sheet = figure(4.9 * len(panels), 5.0)
    sheet.set_layout_engine("compressed", h_pad=0.07, w_pad=0.06)  # axes are square
    heading(sheet, title)
    if note:
        caption(sheet, note)
    for axes, panel in zip(sheet.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _draw(sheet, axes, panel)
    return sheet


def class_layers(
    xy: Float[Tensor, "n 2"], label: Tensor, names: Sequence[str], size: float = 7.0
) -> tuple[Layer, ...]:
    """One layer per class; after ten, colours come again."""
    layers = []
    for k, name in enumerate(names):
        mine = label == k
        if mine.any():
            layers.append(Layer(name, xy[mine], CLASSES[k % len(CLASSES)], size))
    return tuple(layers)


def _draw(sheet: Figure, axes: Axes, panel: Panel) -> None:
    dress(axes, panel.title)
    drawn = None
    for layer in panel.layers:
        x, y = layer.xy.double().numpy().T
        style: dict[str, Any] = {
            "s": layer.size,
            "lw": 1.2 if layer.marker == "x" else 0,
            "marker": layer.marker,
            "label": layer.name,
        }
        if isinstance(layer.colour, str):
            axes.scatter(x, y, color=layer.colour, alpha=0.85, **style)
        elif panel.scale is not None:
            drawn = axes.scatter(
                x, y, c=layer.colour.double().numpy(), cmap=SHADES, vmin=panel.scale.low,
                vmax=panel.scale.high, **style,
            )  # fmt: skip
    _frame(axes, panel)
    if drawn is not None and panel.scale is not None:
        bar = sheet.colorbar(drawn, ax=axes, shrink=0.82, pad=0.02, aspect=28)
        bar.outline.set_visible(False)
        bar.ax.tick_params(colors=MUTED, labelsize=8, length=0)
    if names := [layer.name for layer in panel.layers if layer.name]:
        _legend(axes, min(len(names), 5, max(1, LEGEND // (max(map(len, names)) + 4))))


def _frame(axes: Axes, panel: Panel) -> None:
    """Axes around nearly all places, so that one far away does not shrink the rest."""
    places = np.concatenate([layer.xy.double().numpy() for layer in panel.layers])
    low, high = np.quantile(places, [1 - SPREAD, SPREAD], axis=0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2 * 1.14, 1e-9)
    axes.set_xlim(centre[0] - half, centre[0] + half)
    axes.set_ylim(centre[1] - half, centre[1] + half)
    axes.set_aspect("equal")
    axes.set_xlabel(panel.names[0])
    axes.set_ylabel(panel.names[1])


def _legend(axes: Axes, columns: int) -> None:
    legend = axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=columns, frameon=False,
        fontsize=8, markerscale=1.8, handletextpad=0.2, columnspacing=1.0, labelcolor=INK,
    )  # fmt: skip
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)
