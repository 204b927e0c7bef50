"""Interactive figures as plain dictionaries, in the colours of the reports."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.temporal.moments import autocorrelation
from gan_lab.metrics.temporal.spectrum import periodogram
from gan_lab.page.atlas import Chart

REAL, FAKE, MUTED, INK = "#3f7cab", "#d1603d", "#8a94a3", "#6b7480"
BAND, WIDE = "rgba(63,124,171,.26)", "rgba(63,124,171,.13)"
COLOURS = {"real": REAL, "fake": FAKE, "muted": MUTED}
CONFIG: Any = {
    "displayModeBar": False,
    "displaylogo": False,
    "responsive": True,
    "doubleClick": False,
}
HAIR = "rgba(128,134,145,.22)"

Figure = dict[str, Any]


def fans(
    x: Float[Tensor, "c t"],
    bands: Float[Tensor, "5 c t"] | None,
    rows: dict[str, Float[Tensor, "c t"]],
    names: list[str],
) -> Figure:
    """One panel a channel: bands of real rows, the nearest ones, and the sample on top.

    Args:
        x: The sample, in window units.
        bands: Quantiles .05, .25, .5, .75, .95 of real rows.
        rows: Nearest rows by name.
        names: Names of the channels.
    """
    data: list[dict[str, Any]] = []
    columns = 1 if len(names) == 1 else 2
    for k in range(len(names)):
        axis = {"xaxis": f"x{k + 1}", "yaxis": f"y{k + 1}"}
        if bands is not None:
            data += _bands(bands[:, k], axis)
        for (word, row), dash in zip(rows.items(), ("dot", "dash"), strict=False):
            line = {"color": REAL, "width": 1.3, "dash": dash}
            data.append(_line(row[k], word, line, axis))
        data.append(_line(x[k], "this sample", {"color": FAKE, "width": 2.2}, axis))
    return {"data": data, "layout": _panels(names, columns)}


def crowd(
    y: Float[Tensor, "n c t"], bands: Float[Tensor, "5 c t"] | None, names: list[str]
) -> Figure:
    """The same with many samples as thin lines."""
    data: list[dict[str, Any]] = []
    for k in range(len(names)):
        axis = {"xaxis": f"x{k + 1}", "yaxis": f"y{k + 1}"}
        if bands is not None:
            data += _bands(bands[:, k], axis)
        for n, row in enumerate(y[:, k]):
            line = {"color": FAKE, "width": 0.9}
            data.append({**_line(row, f"sample {n + 1}", line, axis), "opacity": 0.5})
    return {"data": data, "layout": _panels(names, 1 if len(names) == 1 else 2)}


def cloud(
    groups: list[tuple[str, str, Float[Tensor, "_ 2"], float]], names: tuple[str, str]
) -> Figure:
    """Points in a plane whose axes have the same scale.

    Args:
        groups: Name, colour, places, and size of the dots.
        names: Names of the axes.
    """
    data = [_dots(*group) for group in groups]
    layout = _layout(320)
    layout["xaxis"] = _axis(title=names[0])
    layout["yaxis"] = _axis(title=names[1]) | {"scaleanchor": "x"}
    return {"data": data, "layout": layout}


def _dots(word: str, colour: str, xy: Float[Tensor, "n 2"], size: float) -> dict[str, Any]:
    large = size >= 9
    return {
        "type": "scatter", "mode": "markers", "name": word, "x": _list(xy[:, 0]),
        "y": _list(xy[:, 1]), "hovertemplate": f"{word}<br>%{{x:.3g}}, %{{y:.3g}}<extra></extra>",
        "marker": {
            "color": COLOURS.get(colour, colour), "size": size, "opacity": 1 if large else 0.45,
            "line": {"width": 1.5 if large else 0, "color": "#fff"},
        },
    }  # fmt: skip


def chart(of: Chart) -> Figure:
    """A map; the place of the current view is drawn over it by the page."""
    figure = cloud([(word, colour, xy, 4.5) for word, colour, xy in of.groups], of.axes)
    figure["layout"] |= {"dragmode": False, "height": 320, "margin": _margin(bottom=36) | {"t": 6}}
    # One word of axes each, as fixed as the places that are drawn over them.
    for axis, column in (("xaxis", 0), ("yaxis", 1)):
        both = torch.cat([xy[:, column] for _, _, xy in of.groups]).double()
        low, high = both.quantile(both.new_tensor([0.002, 0.998])).tolist()
        pad = 0.08 * (high - low) or 1.0
        figure["layout"][axis] |= {"range": [low - pad, high + pad], "fixedrange": True}
    return figure


def dynamics(x: Float[Tensor, " t"], real: "Usual | None", name: str) -> Figure:
    """Autocorrelation and spectrum of one channel of the sample, over those of real rows."""
    lags = lags_of(len(x))
    found = (autocorrelation(x[None], lags)[0, 1:], periodogram(x[None])[0, 1:])
    grids = (
        [float(k) for k in range(1, lags + 1)],
        [k / len(x) for k in range(1, len(x) // 2 + 1)],
    )
    data: list[dict[str, Any]] = []
    for k, (curve, grid) in enumerate(zip(found, grids, strict=True)):
        axis = {"xaxis": f"x{k + 1}", "yaxis": f"y{k + 1}"}
        if real is not None:
            data += _bands((real.correlation, real.power)[k], axis, grid)
        line = {"color": FAKE, "width": 2.2}
        data.append(_line(curve, "this sample", line, axis, grid))
    layout = _panels([f"Autocorrelation by lag, {name}", "Spectrum, cycles per step"], 2)
    layout["yaxis2"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    layout["height"] = 210
    return {"data": data, "layout": layout}


class Usual:
    """Quantiles of the autocorrelation and the spectrum of real rows, channel by channel."""

    def __init__(self, y: Float[Tensor, "n t"]) -> None:
        """Compute them; rows in window units."""
        share = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95], dtype=torch.float64)
        lags = lags_of(y.shape[1])
        self.correlation = autocorrelation(y, lags)[:, 1:].nanquantile(share, dim=0)
        self.power = periodogram(y)[:, 1:].quantile(share, dim=0)


def lags_of(steps: int) -> int:
    """Lags that are shown of a series of so many steps."""
    return min(20, max(1, steps // 3))


def _bands(
    q: Float[Tensor, "5 t"], axis: dict[str, Any], x: list[float] | None = None
) -> list[dict[str, Any]]:
    grid = [float(k) for k in range(q.shape[1])] if x is None else x
    parts = [
        ("real rows, 90 %", q[0], q[4], WIDE), ("real rows, 50 %", q[1], q[3], BAND)
    ]  # fmt: skip
    return [
        {
            "type": "scatter", "mode": "lines", "x": [*grid, *grid[::-1]],
            "y": [*_list(high), *_list(low.flip(0))], "fill": "toself", "fillcolor": colour,
            "line": {"width": 0}, "name": word, "hoverinfo": "skip", **axis,
        }
        for word, low, high, colour in parts
    ]  # fmt: skip


def _line(
    y: Float[Tensor, " t"], name: str, line: dict[str, Any], axis: dict[str, Any],
    x: list[float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    grid = [float(k) for k in range(len(y))] if x is None else x
    return {
        "type": "scatter", "mode": "lines", "x": grid, "y": _list(y), "name": name, "line": line,
        "hovertemplate": "%{x}: %{y:.4g}", **axis,
    }  # fmt: skip


def _panels(names: list[str], columns: int) -> dict[str, Any]:
    rows = -(-len(names) // columns)
    layout = _layout(max(170 * rows, 220))
    layout["annotations"] = []
    gap_x, gap_y = (0.0 if columns == 1 else 0.13), (0.0 if rows == 1 else 0.16)
    width, height = (1 - gap_x) / columns, (1 - gap_y * (rows - 1)) / rows
    for k, name in enumerate(names):
        row, column = divmod(k, columns)
        left, top = column * (width + gap_x), 1 - row * (height + gap_y)
        suffix = str(k + 1)
        layout[f"xaxis{suffix}"] = _axis() | {
            "domain": [left, left + width],
            "anchor": f"y{suffix}",
        }
        layout[f"yaxis{suffix}"] = _axis() | {
            "domain": [max(top - height, 0), top], "anchor": f"x{suffix}", "nticks": 5,
        }  # fmt: skip
        layout["annotations"].append({
            "text": name, "x": left, "y": top, "xref": "paper", "yref": "paper",
            "xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
        })  # fmt: skip
    return layout


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height, "margin": _margin(), "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "uirevision": "kept", "hovermode": "closest",
        "font": {"family": "ui-sans-serif, system-ui, sans-serif", "size": 11, "color": INK},
        "showlegend": False,
    }  # fmt: skip


def _margin(left: int = 42, bottom: int = 34) -> dict[str, int]:
    return {"l": left, "r": 8, "t": 20, "b": bottom}


def _axis(title: str = "") -> dict[str, Any]:
    return {
        "gridcolor": HAIR, "zeroline": False, "linecolor": HAIR, "title": {"text": title},
        "automargin": False, "fixedrange": True,
    }  # fmt: skip


def _list(values: Tensor) -> list[float | None]:
    """Numbers that JSON can hold, rounded to what a screen shows."""
    return [None if v != v else float(f"{v:.5g}") for v in values.double().tolist()]
