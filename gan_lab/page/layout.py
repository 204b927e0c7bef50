"""The page itself: what is there at once, and what comes when the run has been read."""

from typing import Any

from dash import dcc, html

from gan_lab.explore.view import View
from gan_lab.page import controls, figures, limits
from gan_lab.page.aria import said, said_by
from gan_lab.page.stage import FIRST_CHANNELS, MOST_CHANNELS
from gan_lab.page.workbench import Bench
from gan_lab.render.style import channel_name

Part = Any


def content(bench: Bench, view: View, query: dict[str, str]) -> Part:
    """The whole page for a run that has been read."""
    return [
        html.Header([
            html.P("Latent space", className="eyebrow"),
            html.H1(bench.name),
            html.P(_facts(bench), className="meta"),
        ]),
        html.Div(
            [
                _column("left", _start(bench, view), _directions(bench, view)),
                _column("middle", _sample(bench, query), _path(view), _save()),
                _column("right", _map(bench), _real(bench)),
            ],
            className="bench",
        ),
        *_stores(bench, view, query),
    ]  # fmt: skip


def _column(name: str, *parts: Part) -> Part:
    return html.Div(list(parts), className=f"column {name}")


def _facts(bench: Bench) -> str:
    explorer, spec = bench.explorer, bench.explorer.spec
    prior = type(explorer.prior).__name__
    words = [
        f"{spec.modality.capitalize()} of {' x '.join(map(str, spec.shape))}",
        f"{prior.lower()} prior of {explorer.prior.dim} coordinates",
    ]
    if explorer.real is not None:
        train, held_out = len(explorer.real.train), len(explorer.real.held_out)
        words.append(f"{train:,} training and {held_out:,} held-out rows")
    return "; ".join(words) + "."


def _stores(bench: Bench, view: View, query: dict[str, str]) -> list[Part]:
    label = controls.chosen_label(bench.explorer, view)
    wanted = {**query, **view.to_query(), **({"label": label} if label else {}), "n": 1}
    return [
        dcc.Store(id="wanted", data=wanted),
        dcc.Store(id="view"),
        dcc.Store(id="shown"),
        dcc.Store(id="base"),
        dcc.Store(id="clicked"),
        dcc.Store(id="fresh", data=0),
        dcc.Store(id="pins", data={"a": view.first, "b": view.second}),
        dcc.Download(id="download"),
        dcc.Interval(id="clock", interval=120, disabled=True),
    ]


def _card(title: str, parts: list[Part], name: str, lead: str = "") -> Part:
    head: list[Part] = [html.H2(title, id=f"{name}-title")]
    if lead:
        head.append(html.P(lead, className="note"))
    return html.Section([*head, *parts], className=f"card {name}", **said_by(f"{name}-title"))


def _sample(bench: Bench, query: dict[str, str]) -> Part:
    show = dcc.RadioItems(
        [{"label": "One", "value": "one"}, {"label": "Many", "value": "many"}],
        "many" if query.get("show") == "many" else "one",
        id="show",
        className="chips",
        inline=True,
    )
    head = html.Div(
        [
            html.H2("Sample", id="sample-title"),
            html.Div(show, role="group", **said("How many samples to show")),
        ],
        className="head",
    )
    parts: list[Part] = [
        head,
        html.Div(id="message", role="alert"),
        html.Div(id="stage"),
        html.Div(id="gauge", className="gauge-line"),
        html.P(id="beside", role="status", className="beside"),
    ]
    spec = bench.explorer.spec
    if spec.modality == "series":
        parts.append(html.Div(id="dynamics"))
        if spec.channels > 1:
            parts.append(_channels(spec.channels, spec.channel_names, query))
    else:
        parts.append(html.Div(id="dynamics", hidden=True))
    return html.Section(parts, className="card sample", **said_by("sample-title"))


def _channels(count: int, names: tuple[str, ...], query: dict[str, str]) -> Part:
    options = [{"label": channel_name(names, k), "value": k} for k in range(count)]
    chosen = channels_of(query, count)
    control = dcc.Checklist(
        options, chosen, id={"kind": "channels", "name": "all"}, className="chips", inline=True
    )
    return html.Details([
        html.Summary("Channels"),
        html.P(f"Up to {MOST_CHANNELS}; dynamics are those of the first.", className="note"),
        html.Div(control, role="group", **said("Channels to show")),
    ])  # fmt: skip


def channels_of(query: dict[str, Any], count: int) -> list[int]:
    """Numbers of the channels that a link asks for, at most 4; the first 2 if it asks for none."""
    texts = str(query.get("channels", "")).split(",")
    asked = {int(t) for t in texts if t.isascii() and t.isdigit() and int(t) < count}
    return sorted(asked)[:MOST_CHANNELS] or list(range(min(count, FIRST_CHANNELS)))


def _start(bench: Bench, view: View) -> Part:
    seed = html.Div(
        [
            html.Label("Seed", htmlFor="seed"),
            dcc.Input(id="seed", type="number", min=0, max=2**31 - 1, step=1, value=view.seed),
            controls.button("dice", "New sample", more="main"),
        ],
        className="field row",
    )
    truncation = controls.slider("psi", "Truncation", view.truncation, low=0.0, high=1.0, step=0.01)
    parts = [seed, *controls.label_control(bench.explorer, view), truncation]
    return _card("Start", parts, "start")


def _directions(bench: Bench, view: View) -> Part:
    head = html.Div(
        [
            html.H2("Directions", id="directions-title"),
            controls.button("reset", "Reset", more="quiet"),
        ],
        className="head",
    )
    note = html.P(
        "In standard deviations of the prior; behind each its share of the output's change.",
        className="note",
    )
    sliders = html.Div(
        controls.direction_sliders(bench.explorer.directions, view), id="direction-list"
    )
    return html.Section(
        [head, note, sliders, _local(bench, view), _coordinates(bench, view)],
        className="card directions",
        **said_by("directions-title"),
    )


def _local(bench: Bench, view: View) -> Part:
    moved = any(name.startswith("local-") for name in view.moves)
    found = bench.explorer.local(view) if moved else ()
    return html.Details(
        [
            html.Summary("Local directions"),
            html.P("What changes the sample most where the sliders start.", className="note"),
            controls.button("find-local", "Find them here"),
            html.Div(controls.direction_sliders(found, view), id="local-list"),
        ],
        open=moved,
    )


def _coordinates(bench: Bench, view: View) -> Part:
    dim = bench.explorer.prior.dim
    pages = -(-dim // controls.ON_PAGE)
    pager = html.Div(
        [
            html.Label(f"Page, 1 to {pages}", htmlFor="coordinate-page"),
            dcc.Input(id="coordinate-page", type="number", min=1, max=pages, step=1, value=1),
        ],
        className="field row",
        hidden=pages == 1,
    )
    moved = any(name.removeprefix("z").isdigit() for name in view.moves)
    return html.Details(
        [
            html.Summary(f"Coordinates ({dim})"),
            pager,
            html.Div(controls.coordinate_sliders(bench.explorer, view, 0), id="coordinate-list"),
        ],
        open=moved or dim <= 4,
    )


def _path(view: View) -> Part:
    ends = [
        html.Div(
            [
                html.Img(id=f"pin-{end}-picture", alt=f"Pinned sample {end.upper()}", src="data:,"),
                controls.button(f"pin-{end}", f"Pin as {end.upper()}"),
            ],
            className="pin",
        )
        for end in "ab"
    ]
    bar = html.Div(
        [
            controls.slider("t", "Position", view.t, low=0.0, high=1.0, step=0.01),
            controls.button("play", "Play", **{"aria-pressed": "false"}),
        ],
        className="bar-of-path",
    )
    lead = "Between two pinned samples along the prior's own path; moves stay on."
    return _card(
        "Interpolation", [html.Div([ends[0], bar, ends[1]], className="path-row")], "path", lead
    )


def _map(bench: Bench) -> Part:
    words = {"latents": "Latents", "data": "Data"}
    kinds = [{"label": words[kind], "value": kind} for kind in bench.atlas.kinds]
    choice = dcc.RadioItems(kinds, "latents", id="map-kind", className="chips", inline=True)
    head = html.Div(
        [
            html.H2("Map", id="map-title"),
            html.Div(choice, role="group", **said("What the map shows")),
        ],
        className="head",
    )
    graph = html.Div(
        [
            dcc.Graph(
                id="map", figure=figures.chart(bench.atlas.chart("latents")), config=figures.CONFIG
            ),
            html.Span(id="here", className="here", hidden=True),
        ],
        id="map-frame",
        className="map-frame",
    )
    fields = html.Div(
        [
            html.Label("x", htmlFor="map-x"),
            dcc.Input(id="map-x", type="number", step="any", value=0, debounce=True),
            html.Label("y", htmlFor="map-y"),
            dcc.Input(id="map-y", type="number", step="any", value=0, debounce=True),
            controls.button("map-go", "Go there"),
        ],
        className="field row",
    )
    lead = html.P("Click to go there.", className="note", id="map-note")
    return html.Section(
        [head, lead, graph, fields], className="card map-card", **said_by("map-title")
    )


def _real(bench: Bench) -> Part:
    modality = bench.explorer.spec.modality
    parts: list[Part] = []
    if modality == "images":
        kinds = "image/png,image/jpeg,image/webp"
        words = "Choose a picture, or drop it here"
    else:
        kinds, words = ".csv,.txt,text/csv,text/plain", "Choose a CSV file, or drop it here"
    upload = dcc.Upload(
        html.Span(words), id="upload", accept=kinds, max_size=limits.UPLOAD, className="upload"
    )
    size: dict[str, Any] = {"data-most": str(limits.UPLOAD)}
    parts.append(html.Div(upload, role="group", **said(words), **size))
    rows = "one row per step, one column per channel" if modality == "series" else "one row"
    pasted = [
        html.Label(f"Or paste numbers: {rows}", htmlFor="paste"),
        dcc.Textarea(id="paste", rows=4, maxLength=limits.TEXT, spellCheck=False),
        controls.button("paste-go", "Find its latent"),
    ]
    parts.append(html.Div(pasted, className="field", hidden=modality == "images"))
    parts.append(dcc.Loading(html.Div(id="inverted", role="status"), type="dot", color="#cf5b36"))
    what = {"images": "picture", "series": "series", "points": "point"}[modality]
    lead = f"The latent of a {what} of your own, to edit with the sliders."
    return _card(f"A real {what}", parts, "real-card", lead)


def _save() -> Part:
    files = html.Div(
        [
            controls.button("save-picture", "Picture"),
            controls.button("save-csv", "CSV"),
            controls.button("save-latent", "Latent"),
            controls.button("copy-link", "Copy link"),
        ],
        className="buttons",
    )
    direction = html.Div(
        [
            html.Label("Name the moves as a direction", htmlFor="direction-name"),
            html.Div(
                [
                    dcc.Input(id="direction-name", type="text", maxLength=limits.NAME, value=""),
                    controls.button("save-direction", "Save direction"),
                ],
                className="row",
            ),
        ],
        className="field",
    )
    return _card(
        "Save", [files, direction, html.P(id="saved", role="status", className="note")], "save"
    )
