"""A real sample of the user's own: find its latent, go there, say how good it is."""

import time
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, ctx, html, no_update

from gan_lab.errors import UserError
from gan_lab.page import limits
from gan_lab.page.workbench import Bench, Workbench

if TYPE_CHECKING:
    from torch import Tensor


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""

    @app.callback(
        Output("base", "data", allow_duplicate=True),
        Output("inverted", "children"),
        Output("upload", "contents"),
        Input("upload", "contents"),
        Input("paste-go", "n_clicks"),
        State("paste", "value"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    def invert(
        content: str | None, _: int | None, text: str | None, wanted: dict[str, Any]
    ) -> tuple[Any, Any, Any]:
        from gan_lab.page.upload import sample_of_text, sample_of_upload

        pasted = ctx.triggered_id == "paste-go"
        if not pasted and not content:
            return no_update, no_update, no_update
        if not workbench.inverting.acquire(blocking=False):
            return no_update, _failed("one inversion at a time: wait for the last one"), None
        try:
            bench = workbench.bench
            spec = bench.explorer.spec
            given = (
                sample_of_text(text or "", spec)
                if pasted
                else sample_of_upload(content or "", spec)
            )
            return (*found(bench, given, wanted), None)
        except UserError as error:
            return no_update, _failed(str(error)), None
        finally:
            workbench.inverting.release()


def found(bench: Bench, given: "Tensor", wanted: dict[str, Any]) -> tuple[dict[str, str], Any]:
    """The latent as a new start, and words about it.

    Raises:
        UserError: If it takes too long, or the sample does not fit.
    """
    from gan_lab.explore.view import View, pack
    from gan_lab.page.pictures import thumbnail
    from gan_lab.page.stage import gauge

    explorer = bench.explorer
    label, name = explorer.label_like(given, View.from_query(wanted))
    result = explorer.invert(given, label, tell=_deadline(limits.INVERSION))
    error = float(result.error[0]) ** 0.5
    pictures = html.Div(
        [
            html.Figure([html.Img(src=thumbnail(x, explorer.spec), alt=words, className="pixels"),
                         html.Figcaption(words)])
            for words, x in (("Yours", given), ("Found", result.x.cpu()))
        ],
        className="pair",
    )  # fmt: skip
    words = f"Root mean square error {error:.3g} in model range{name and f', as {name}'}."
    nearest = explorer.beside(given)
    if nearest is not None:
        typical = float(nearest.train.distance[0, 0]) / given.numel() ** 0.5
        words += f" The nearest training row has {typical:.3g}."
    base = {"z": pack(result.z.cpu())} | ({"label": name} if name else {})
    return base, [
        pictures,
        html.P(words),
        html.Div(gauge(float(result.percentile[0])), className="gauge-line"),
    ]


def _deadline(seconds: float) -> Any:  # noqa: ANN401
    end = time.monotonic() + seconds

    def tell(_: float) -> None:
        if time.monotonic() > end:
            raise UserError(
                f"the search took longer than {seconds:g} s and was stopped; use "
                "`gan-lab explore invert`, which has no limit"
            )

    return tell


def _failed(words: str) -> Any:  # noqa: ANN401
    return html.P(words, className="failed", role="alert")
