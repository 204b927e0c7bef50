"""From a view to what it shows; and everything that only the browser has to know."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from gan_lab.errors import UserError
from gan_lab.page.workbench import Bench, Workbench

MOVES = {"kind": "move", "name": ALL}


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""

    @app.callback(
        Output("stage", "children"),
        Output("gauge", "children"),
        Output("beside", "children"),
        Output("dynamics", "children"),
        Output("message", "children"),
        Output("shown", "data"),
        Input("view", "data"),
        prevent_initial_call=True,
    )
    def show(wanted: dict[str, Any] | None) -> tuple[Any, ...]:
        if not wanted:
            return (no_update,) * 6
        try:
            return shown(workbench.bench, wanted)
        except UserError as error:
            return (*(no_update,) * 4, str(error), {"n": wanted.get("n")})

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("explorer", "collect"),
        Output("wanted", "data"),
        Input("seed", "value"),
        Input({"kind": "label", "name": ALL}, "value"),
        Input({"kind": "attribute", "name": ALL}, "value"),
        Input("psi", "value"),
        Input("t", "value"),
        Input(MOVES, "value"),
        Input("base", "data"),
        Input("pins", "data"),
        Input({"kind": "channels", "name": ALL}, "value"),
        Input("show", "value"),
        Input("reset", "n_clicks"),
        State(MOVES, "id"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("explorer", "send"),
        Output("view", "data"),
        Input("wanted", "data"),
        Input("shown", "data"),
    )


def shown(bench: Bench, wanted: dict[str, Any]) -> tuple[Any, ...]:
    """What a view shows, as content of the parts of the page.

    Raises:
        UserError: If the view does not fit the run.
    """
    from gan_lab.explore.view import View, pack
    from gan_lab.page.layout import channels_of
    from gan_lab.page.stage import gauge

    explorer, stage = bench.explorer, bench.stage
    view = View.from_query(wanted)
    now = explorer.show(view)
    channels = channels_of(wanted, explorer.spec.channels)
    places = {kind: bench.atlas.place(kind, now) for kind in bench.atlas.kinds}
    state = {"n": wanted.get("n"), "z": pack(now.z), "places": places}
    if wanted.get("show") == "many":
        drawn = stage.many(view, now.label, channels)
        return drawn, gauge(now.off_prior), stage.many_words(view), [], "", state
    beside = explorer.beside(now.x)
    drawn = stage.sample(now, beside, channels)
    words, curves = stage.words(beside), stage.dynamics(now, channels[0])
    return drawn, gauge(now.off_prior), words, curves, "", state
