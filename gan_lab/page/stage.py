"""What the page shows of one view: the sample, its neighbours, the gauge, the dynamics."""

from functools import cached_property
from typing import Any

import torch
from dash import dcc, html
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.samples import Samples
from gan_lab.explore.explorer import LatentExplorer, Shown
from gan_lab.explore.gauge import HIGH, LOW
from gan_lab.explore.neighbours import Beside
from gan_lab.explore.view import View
from gan_lab.page import figures, limits
from gan_lab.page.aria import said
from gan_lab.page.pictures import image_uri
from gan_lab.render.style import channel_name

MOST_CHANNELS = 4
FIRST_CHANNELS = 2
BAND_ROWS = 2000
CLOUD_ROWS = 500
LINES = (
    ("sample-line", "this sample"),
    ("train-line", "nearest training row"),
    ("held-line", "nearest held-out row"),
    ("band", "90 % of real rows"),
    ("band inner", "50 %"),
)
DOTS = (
    ("dot one", "this sample"),
    ("dot", "nearest training and held-out points"),
    ("dot many", "training points"),
)
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Stage:
    """Draws views of one explorer; what stays the same for all views is computed once."""

    def __init__(self, explorer: LatentExplorer) -> None:
        """Draw for this explorer."""
        self._explorer, self._spec = explorer, explorer.spec

    def sample(self, shown: Shown, beside: Beside | None, channels: list[int]) -> Any:  # noqa: ANN401
        """One sample, large, with its nearest real rows."""
        if self._spec.modality == "images":
            return self._image(shown, beside)
        if self._spec.modality == "series":
            drawn = self._series(shown.x, beside, channels)
            return [_graph(drawn, "sample", "The sample as lines"), _legend(LINES)]
        drawn = self._points(shown.x, beside)
        return [_graph(drawn, "sample", "The sample among training points"), _legend(DOTS)]

    def many(self, view: View, label: Tensor | None, channels: list[int]) -> Any:  # noqa: ANN401
        """Many samples with the same moves."""
        n = limits.CROWD if self._spec.modality == "points" else limits.MANY
        x = self._explorer.sample(self._explorer.many(view, n), label)
        if self._spec.modality == "images":
            return self._grid(x, view.seed)
        if self._spec.modality == "series":
            y = self._spec.to_window_units(x)[:, channels]
            names = [self._channel(k) for k in channels]
            drawn = figures.crowd(y, self._band(channels), names)
            return _graph(drawn, "sample", f"{n} samples as lines")
        return _graph(self._crowd(x), "sample", f"{n} samples as points")

    def dynamics(self, shown: Shown, channel: int) -> Any:  # noqa: ANN401
        """Autocorrelation and spectrum of one channel of a series; nothing for other samples."""
        if self._spec.modality != "series":
            return []
        x = self._spec.to_window_units(shown.x)[0, channel].double()
        drawn = figures.dynamics(x, self._usual(channel), self._channel(channel))
        return _graph(drawn, "dynamics-graph", "Autocorrelation and spectrum of the sample")

    def words(self, beside: Beside | None) -> list[Any]:
        """Whether the sample is a copy."""
        if beside is None:
            return [html.Span("The data of this run are not at hand: no neighbours.")]
        state = "bad" if beside.suspicious else "good" if beside.percentile < 99 else "fair"
        verdict, colon, rest = beside.sentence.partition(":")
        sentence = [html.Span(verdict + colon, className=f"verdict {state}"), rest]
        if self._spec.modality == "images":
            return sentence
        distances = (
            f"Distance {float(beside.train.distance[0, 0]):.3g} to the nearest training row, "
            f"{float(beside.held_out.distance[0, 0]):.3g} to the nearest held-out row."
        )
        return [*sentence, html.Span(distances, className="distances")]

    def many_words(self, view: View) -> list[Any]:
        """What many samples have in common."""
        moved = "with the same moves" if any(view.moves.values()) else "without moves"
        pick = "; choose one to see it alone" if self._spec.modality == "images" else ""
        return [html.Span(f"Draws of the prior {moved}, from seed {view.seed} on{pick}.")]

    def _image(self, shown: Shown, beside: Beside | None) -> Any:  # noqa: ANN401
        main = html.Figure(
            [
                self._picture(shown.x, "The current sample", "picture"),
                html.Figcaption("This sample"),
            ],
            className="current",
        )
        if beside is None or self._explorer.real is None:
            return html.Div([main], className="trio alone")
        real = self._explorer.real
        others = [
            self._neighbour(real.train, beside.train.index, beside.train.distance, "training"),
            self._neighbour(
                real.held_out, beside.held_out.index, beside.held_out.distance, "held-out"
            ),
        ]
        return html.Div([main, *others], className="trio")

    def _neighbour(self, rows: Samples, index: Tensor, distance: Tensor, word: str) -> Any:  # noqa: ANN401
        x = rows.x[index[0, :1]]
        return html.Figure([
            self._picture(x, f"The nearest {word} row", ""),
            html.Figcaption([f"Nearest {word} row ", html.B(f"{float(distance[0, 0]):.3g}")]),
        ], className="beside-one")  # fmt: skip

    def _picture(self, x: Tensor, words: str, name: str) -> Any:  # noqa: ANN401
        small = "pixels" if max(self._spec.spatial) <= 128 else ""
        more: dict[str, Any] = {"id": name} if name else {}
        return html.Img(src=image_uri(x, self._spec), alt=words, className=small, **more)

    def _grid(self, x: Float[Tensor, "n c h w"], seed: int) -> Any:  # noqa: ANN401
        small = "pixels" if max(self._spec.spatial) <= 128 else ""
        cells = [
            html.Button(
                html.Img(src=image_uri(row[None], self._spec), alt="", className=small),
                id={"kind": "cell", "seed": seed + k},
                className="cell-button",
                title=f"Seed {seed + k}",
                **said(f"Show the sample of seed {seed + k}"),
            )
            for k, row in enumerate(x)
        ]
        return html.Div(cells, className="grid-of-samples")

    def _series(
        self, x: Float[Tensor, "1 c t"], beside: Beside | None, channels: list[int]
    ) -> figures.Figure:
        y = self._spec.to_window_units(x)[0, channels]
        rows = {}
        if beside is not None and self._explorer.real is not None:
            real = self._explorer.real
            for word, part, found in (
                ("nearest training row", real.train, beside.train),
                ("nearest held-out row", real.held_out, beside.held_out),
            ):
                rows[word] = self._spec.to_window_units(part.x[found.index[0, :1]])[0, channels]
        return figures.fans(y, self._band(channels), rows, [self._channel(k) for k in channels])

    def _points(self, x: Float[Tensor, "1 c"], beside: Beside | None) -> figures.Figure:
        groups = [*self._cloud]
        if beside is not None and self._explorer.real is not None:
            real = self._explorer.real
            for word, part, found in (
                ("nearest training point", real.train, beside.train),
                ("nearest held-out point", real.held_out, beside.held_out),
            ):
                groups.append((word, "#2f6690", self._plane(part.x[found.index[0, :1]]), 9.0))
        groups.append(("this sample", "fake", self._plane(x), 13.0))
        return self._on_axes(groups)

    def _crowd(self, x: Float[Tensor, "n c"]) -> figures.Figure:
        return self._on_axes([*self._cloud, (f"{len(x)} samples", "fake", self._plane(x), 5.0)])

    def _on_axes(self, groups: list[Any]) -> figures.Figure:
        names = [
            channel_name(self._spec.channel_names, k) for k in range(min(2, self._spec.channels))
        ]
        drawn = figures.cloud(groups, (names[0], names[1] if len(names) > 1 else ""))
        if self._box is not None:
            for axis, limits_ in zip(("xaxis", "yaxis"), self._box, strict=True):
                drawn["layout"][axis]["range"] = limits_
        return drawn

    @cached_property
    def _cloud(self) -> list[tuple[str, str, Tensor, float]]:
        if self._explorer.real is None:
            return []
        rows = _some(self._explorer.real.train.x, CLOUD_ROWS)
        return [("training points", "muted", self._plane(rows), 4.0)]

    @cached_property
    def _box(self) -> list[list[float]] | None:
        if not self._cloud:
            return None
        xy = self._cloud[0][2].double()
        edges = xy.quantile(xy.new_tensor([0.002, 0.998]), dim=0)
        pad = 0.25 * (edges[1] - edges[0]).clamp_min(1e-6)
        return torch.stack([edges[0] - pad, edges[1] + pad], 1).tolist()

    def _plane(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "n 2"]:
        y = self._spec.to_window_units(x).float()
        return y[:, :2] if y.shape[1] > 1 else torch.cat([y, torch.zeros_like(y)], 1)

    @cached_property
    def _quantiles(self) -> Float[Tensor, "5 c t"] | None:
        if self._explorer.real is None:
            return None
        rows = _some(self._explorer.real.train.x, BAND_ROWS)
        y = self._spec.to_window_units(rows).double()
        return y.quantile(y.new_tensor(SHARES), dim=0)

    def _band(self, channels: list[int]) -> Float[Tensor, "5 c t"] | None:
        return None if self._quantiles is None else self._quantiles[:, channels]

    def _usual(self, channel: int) -> figures.Usual | None:
        return None if self._usuals is None else self._usuals[channel]

    @cached_property
    def _usuals(self) -> list[figures.Usual] | None:
        if self._explorer.real is None:
            return None
        rows = _some(self._explorer.real.train.x, BAND_ROWS)
        y = self._spec.to_window_units(rows).double()
        return [figures.Usual(y[:, k]) for k in range(self._spec.channels)]

    def _channel(self, k: int) -> str:
        return channel_name(self._spec.channel_names, k)


def gauge(percentile: float) -> list[Any]:
    """How far off the prior a latent is, as a bar and in words."""
    if percentile > HIGH:
        state, words = "bad", "off the prior: farther out than its draws are"
    elif percentile < LOW:
        state, words = "fair", "nearer to the centre than the prior's draws are"
    else:
        state, words = "good", "as the prior draws it"
    return [
        html.Span("Off the prior?", className="gauge-name"),
        html.Span(
            html.Span(className=f"mark {state}", style={"left": f"{percentile:.1f}%"}),
            className="track",
        ),
        html.Span(f"percentile {percentile:.0f}, {words}", className="gauge-words"),
    ]


def _legend(entries: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401
    return html.Div(
        [html.Span([html.I(className=style), words]) for style, words in entries],
        className="legend",
    )


def _graph(figure: figures.Figure, name: str, words: str) -> Any:  # noqa: ANN401
    graph = dcc.Graph(id=name, figure=figure, config=figures.CONFIG, className="graph")
    return html.Div(graph, role="img", **said(words))


def _some(x: Tensor, most: int) -> Tensor:
    return x[:: max(1, -(-len(x) // most))]
