"""Save what is shown: picture, values, latent, and the moves as a direction."""

import io
import json
import re
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from gan_lab import __version__
from gan_lab.errors import UserError
from gan_lab.page import limits
from gan_lab.page.workbench import Bench, Workbench

NAME = re.compile(rf"[A-Za-z][\w:.]{{0,{limits.NAME - 1}}}")


def register(app: Dash, workbench: Workbench) -> None:
    """Connect."""
    for kind, make in (("picture", picture), ("csv", values), ("latent", latent)):
        _register_file(app, workbench, kind, make)

    @app.callback(
        Output("saved", "children"),
        Output("direction-list", "children"),
        Output("direction-name", "value"),
        Input("save-direction", "n_clicks"),
        State("direction-name", "value"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    def save_direction(_: int | None, name: str | None, wanted: dict[str, Any]) -> tuple[Any, ...]:
        from gan_lab.explore.view import View
        from gan_lab.page.controls import direction_sliders

        bench = workbench.bench
        try:
            view = View.from_query(wanted)
            found = bench.explorer.edit(view, checked(name))
            bench.explorer.add(found)
            bench.keep(found)
        except UserError as error:
            return str(error), no_update, no_update
        sliders = direction_sliders(bench.explorer.directions, view)
        return f"Saved {found.name!r} with the other directions of this run.", sliders, ""


def _register_file(app: Dash, workbench: Workbench, kind: str, make: Any) -> None:  # noqa: ANN401
    @app.callback(
        Output("download", "data", allow_duplicate=True),
        Output("saved", "children", allow_duplicate=True),
        Input(f"save-{kind}", "n_clicks"),
        State("wanted", "data"),
        prevent_initial_call=True,
    )
    def save(_: int | None, wanted: dict[str, Any]) -> tuple[Any, Any]:
        try:
            name, content = make(workbench.bench, wanted)
        except UserError as error:
            return no_update, str(error)
        file = dcc.send_bytes(content, name)  # type: ignore[attr-defined,no-untyped-call]
        return file, f"Saved {name} among your downloads."


def checked(name: str | None) -> str:
    """The name of a direction.

    Raises:
        UserError: If it is none.
    """
    text = (name or "").strip().replace(" ", "_")
    if not NAME.fullmatch(text):
        raise UserError(
            f"give the direction a name of up to {limits.NAME} letters, digits, _ : or ., "
            "beginning with a letter"
        )
    return text


def picture(bench: Bench, wanted: dict[str, Any]) -> tuple[str, bytes]:
    """The sample as PNG: images pixel for pixel, all else drawn."""
    from gan_lab.explore.view import View
    from gan_lab.page.pictures import png
    from gan_lab.render.samples import render_samples

    x, spec = bench.explorer.show(View.from_query(wanted)).x, bench.explorer.spec
    if spec.modality == "images":
        return "sample.png", png(x, spec)
    real = bench.explorer.real
    reference = None if real is None else real.train.x[:1000]
    buffer = io.BytesIO()
    render_samples(x, spec, reference=reference).save(buffer, "PNG")
    return "sample.png", buffer.getvalue()


def values(bench: Bench, wanted: dict[str, Any]) -> tuple[str, bytes]:
    """The sample as CSV in original units: a row per step, per pixel row, or one row."""
    from gan_lab.explore.view import View

    x, spec = bench.explorer.show(View.from_query(wanted)).x, bench.explorer.spec
    y = spec.to_units(x)[0].double()
    names = spec.channel_names or tuple(f"channel_{k + 1}" for k in range(spec.channels))
    table = y.reshape(spec.channels, -1).T.tolist()
    lines = [",".join(names), *(",".join(f"{v:.9g}" for v in row) for row in table)]
    return "sample.csv", ("\n".join(lines) + "\n").encode()


def latent(bench: Bench, wanted: dict[str, Any]) -> tuple[str, bytes]:
    """The latent as JSON, with how it came about and what it belongs to."""
    from gan_lab.explore.view import View
    from gan_lab.metrics.features.extractor import weights_digest

    view = View.from_query(wanted)
    shown = bench.explorer.show(view)
    content = {
        "gan_lab": __version__,
        "run": bench.name,
        "weights": weights_digest(bench.explorer.generator.network),
        "view": view.to_query(),
        "label": None if shown.label is None else shown.label[0].tolist(),
        "z": shown.z[0].tolist(),
    }
    return "latent.json", (json.dumps(content, indent=1) + "\n").encode()
