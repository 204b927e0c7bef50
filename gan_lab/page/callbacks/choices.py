"""Buttons and sliders that set other controls; most of it happens in the browser alone."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from gan_lab.errors import UserError
from gan_lab.page.workbench import Workbench

MOVES = {"kind": "move", "name": ALL}
ATTRIBUTES = {"kind": "attribute", "name": ALL}
LABEL = {"kind": "label", "name": ALL}


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""
    _in_browser(app)

    @app.callback(
        Output("pin-a-picture", "src"),
        Output("pin-b-picture", "src"),
        Input("pins", "data"),
        Input(LABEL, "value"),
        State("wanted", "data"),
    )
    def draw_pins(pins: dict[str, str], _: list[Any], wanted: dict[str, Any]) -> tuple[str, str]:
        from gan_lab.explore.view import View
        from gan_lab.page.pictures import thumbnail

        explorer = workbench.bench.explorer
        try:
            view = View.from_query({**wanted, **pins})
            label = explorer.label(view)
            first, second = (
                thumbnail(explorer.sample(z, label), explorer.spec) for z in explorer.ends(view)
            )
        except UserError:
            return "data:,", "data:,"
        return first, second


def _in_browser(app: Dash) -> None:
    def connect(name: str, output: Any, *inputs: Any, initial: bool = False) -> None:  # noqa: ANN401
        function = ClientsideFunction("explorer", name)
        app.clientside_callback(  # type: ignore[no-untyped-call]
            function, output, *inputs, prevent_initial_call=not initial
        )

    connect(
        "zero",
        [Output(MOVES, "value"), Output("psi", "value")],
        Input("reset", "n_clicks"), Input("base", "data"), State(MOVES, "id"),
    )  # fmt: skip
    connect(
        "labelled",
        [Output(LABEL, "value"), Output(ATTRIBUTES, "value")],
        Input("base", "data"), State(LABEL, "value"), State(ATTRIBUTES, "value"),
    )  # fmt: skip
    connect(
        "read_out", Output("fresh", "data"),
        Input(MOVES, "value"), Input(ATTRIBUTES, "value"), Input("psi", "value"),
        Input("t", "value"), State("fresh", "data"), initial=True,
    )  # fmt: skip
    connect(
        "another",
        [Output("seed", "value"), Output("show", "value")],
        Input("dice", "n_clicks"), Input({"kind": "cell", "seed": ALL}, "n_clicks"),
        State("seed", "value"), State("show", "value"),
    )  # fmt: skip
    connect(
        "forget_local", Output("local-list", "children", allow_duplicate=True),
        Input("seed", "value"), Input("t", "value"), Input("psi", "value"),
        Input("base", "data"), Input(LABEL, "value"), Input(ATTRIBUTES, "value"),
    )  # fmt: skip
    connect(
        "pin", Output("pins", "data"),
        Input("pin-a", "n_clicks"), Input("pin-b", "n_clicks"),
        State("shown", "data"), State("pins", "data"),
    )  # fmt: skip
    connect(
        "toggle",
        [Output("clock", "disabled"), Output("play", "children"), Output("play", "aria-pressed")],
        Input("play", "n_clicks"), State("clock", "disabled"),
    )  # fmt: skip
    connect("advance", Output("t", "value"), Input("clock", "n_intervals"), State("t", "value"))
    connect(
        "copy_link", Output("saved", "children", allow_duplicate=True),
        Input("copy-link", "n_clicks"),
    )  # fmt: skip
