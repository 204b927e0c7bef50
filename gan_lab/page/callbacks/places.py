"""The map: which one, where we are, and where a click leads."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from gan_lab.errors import UserError
from gan_lab.page.workbench import Workbench

NOTES = {
    "latents": "Click to go there; what the map does not show stays as it is.",
    "data": "Click to go to the nearest sample.",
}


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""

    @app.callback(
        Output("map", "figure"),
        Output("map-note", "children"),
        Input("map-kind", "value"),
        prevent_initial_call=True,
    )
    def draw(kind: str) -> tuple[Any, str]:
        from gan_lab.page import figures

        atlas = workbench.bench.atlas
        chosen = _kind(kind, atlas.kinds)
        return figures.chart(atlas.chart(chosen)), NOTES[chosen]

    @app.callback(
        Output("base", "data"),
        Output("message", "children", allow_duplicate=True),
        Input("clicked", "data"),
        Input("map-go", "n_clicks"),
        State("map-x", "value"),
        State("map-y", "value"),
        State("map-kind", "value"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def go(
        clicked: dict[str, Any] | None, _: int | None, x: object, y: object,
        kind: str, shown: dict[str, Any] | None,
    ) -> tuple[Any, Any]:  # fmt: skip
        from gan_lab.explore.view import unpack

        bench = workbench.bench
        place = clicked if ctx.triggered_id == "clicked" else {"x": x, "y": y}
        try:
            where = _number(place, "x"), _number(place, "y")
            z = unpack(str((shown or {}).get("z", "")), bench.explorer.prior.dim)
            return bench.atlas.at(_kind(kind, bench.atlas.kinds), *where, z), ""
        except UserError as error:
            return no_update, str(error)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("explorer", "mark_here"),
        Output("here", "hidden"),
        Input("shown", "data"),
        Input("map", "figure"),
        State("map-kind", "value"),
    )


def _kind(kind: str, known: tuple[Any, ...]) -> Any:  # noqa: ANN401
    return kind if kind in known else known[0]


def _number(place: dict[str, Any] | None, key: str) -> float:
    value = (place or {}).get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"{key} of the place on the map: expected a number")
    return float(value)
