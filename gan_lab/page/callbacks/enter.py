"""Entering the page: wait for the run, then build the page for the view of the link."""

from typing import Any
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, State, no_update

from gan_lab.errors import UserError
from gan_lab.page.workbench import Workbench

MOST = 400
"""Most keys of a link."""


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""

    @app.callback(
        Output("content", "children"),
        Output("wait", "disabled"),
        Input("wait", "n_intervals"),
        State("address", "search"),
    )
    def enter(_: int | None, search: str | None) -> tuple[Any, bool]:
        from gan_lab.page.server import TITLE, waiting

        name = app.title.removesuffix(TITLE)
        workbench.begin()
        if workbench.error:
            return waiting(name, "", workbench.error), True
        if not workbench.ready:
            return waiting(name, workbench.stage), False
        from gan_lab.explore.view import View
        from gan_lab.page.layout import content

        query = query_of(search)
        try:
            view = View.from_query(query)
            bench = workbench.bench
            bench.explorer.latent(view)
            bench.explorer.label(view)
        except UserError:
            # The link does not fit this run: begin anew rather than show nothing.
            view, query = View(), {}
        return content(workbench.bench, view, query), True

    @app.callback(
        Output("coordinate-list", "children"),
        Input("coordinate-page", "value"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    def turn_page(page: int | None, wanted: dict[str, Any]) -> Any:  # noqa: ANN401
        from gan_lab.explore.view import View
        from gan_lab.page.controls import coordinate_sliders

        if not isinstance(page, int) or page < 1:
            return no_update
        return coordinate_sliders(workbench.bench.explorer, View.from_query(wanted), page - 1)

    @app.callback(
        Output("local-list", "children"),
        Output("message", "children", allow_duplicate=True),
        Input("find-local", "n_clicks"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    def find_local(_: int | None, wanted: dict[str, Any]) -> tuple[Any, Any]:
        from gan_lab.explore.view import View
        from gan_lab.page.controls import direction_sliders

        try:
            view = View.from_query(wanted)
            return direction_sliders(workbench.bench.explorer.local(view), view), ""
        except UserError as error:
            return no_update, str(error)


def query_of(search: str | None) -> dict[str, str]:
    """Keys and values behind the ? of a link; damaged ones are left out."""
    text = (search or "").removeprefix("?")
    return dict(parse_qsl(text)) if text.count("&") < MOST else {}
