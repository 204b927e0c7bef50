"""Sliders and other controls, each with its label."""

import json
from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from gan_lab.explore.direction import Direction
from gan_lab.explore.explorer import COORDINATE, LatentExplorer
from gan_lab.explore.names import direction_words
from gan_lab.explore.view import View
from gan_lab.page.aria import said_by

SPAN = 3.0
"""Sliders of moves go this many standard deviations to either side."""
ON_PAGE = 8
CHIPS = 12


def dom_id(name: str | dict[str, str]) -> str:
    """The id that an element of Dash gets in the page."""
    if isinstance(name, str):
        return name
    return json.dumps(name, sort_keys=True, separators=(",", ":"))


def slider(
    name: str | dict[str, str],
    label: str,
    value: float,
    *,
    low: float = -SPAN,
    high: float = SPAN,
    step: float = 0.05,
    note: str = "",
) -> Any:  # noqa: ANN401
    """A native slider with its label and its value."""
    key = dom_id(name)
    return html.Div(
        [
            html.Label([label, html.Span(note, className="share")], htmlFor=key),
            html.Output("", htmlFor=key, className="value", **_reads(key)),
            dcc.Input(id=name, type="range", min=low, max=high, step=step, value=value),
        ],
        className="slider",
    )


def _reads(key: str) -> dict[str, Any]:
    return {"data-of": key}


def move_slider(name: str, label: str, view: View, note: str = "") -> Any:  # noqa: ANN401
    """The slider of one direction."""
    return slider({"kind": "move", "name": name}, label, view.moves.get(name, 0.0), note=note)


def direction_sliders(found: Sequence[Direction], view: View) -> list[Any]:
    """A slider for each direction, with its share of the output's change."""
    return [
        move_slider(
            direction.name,
            direction_words(direction.name),
            view,
            "" if direction.explained is None else f"{direction.explained:.0%}",
        )
        for direction in found
    ]


def coordinate_sliders(explorer: LatentExplorer, view: View, page: int) -> list[Any]:
    """Sliders of the coordinates on one page of the list."""
    first = page * ON_PAGE
    numbers = range(first, min(first + ON_PAGE, explorer.prior.dim))
    return [move_slider(f"{COORDINATE}{k}", f"{COORDINATE}{k}", view) for k in numbers]


def label_control(explorer: LatentExplorer, view: View) -> list[Any]:
    """What chooses the class or the attributes; nothing for other generators."""
    if explorer.generator.classes:
        return [_classes(explorer.generator.classes, chosen_label(explorer, view))]
    if explorer.generator.attributes:
        row = explorer.label(view)
        assert row is not None
        return [
            slider({"kind": "attribute", "name": str(k)}, name.replace("_", " "), float(row[0, k]))
            for k, name in enumerate(explorer.generator.attributes)
        ]
    return []


def chosen_label(explorer: LatentExplorer, view: View) -> str:
    """The label of a view in words that a view reads."""
    row = explorer.label(view)
    if row is None:
        return ""
    if explorer.generator.classes:
        return explorer.generator.classes[int(row[0])]
    return ",".join(f"{v:.6g}" for v in row[0].tolist())


def _classes(names: tuple[str, ...], value: str) -> Any:  # noqa: ANN401
    key: dict[str, str] = {"kind": "label", "name": "class"}
    options = [{"label": name, "value": name} for name in names]
    if len(names) <= CHIPS:
        control: Any = dcc.RadioItems(options, value, id=key, className="chips", inline=True)
    else:
        control = dcc.Dropdown(options, value, id=key, clearable=False)
    return html.Div(
        [html.Span("Class", className="label", id="class-label"), control],
        role="group",
        className="field",
        **said_by("class-label"),
    )


def button(name: str | dict[str, str], words: str, *, more: str = "", **rest: Any) -> Any:  # noqa: ANN401
    """A button."""
    return html.Button(words, id=name, type="button", className=f"button {more}".strip(), **rest)
