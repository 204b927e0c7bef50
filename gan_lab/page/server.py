"""The server of the page, on this machine alone; it listens before the run is read."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from dash import Dash, dcc, html
from markupsafe import escape
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

import gan_lab
from gan_lab.errors import UserError
from gan_lab.page.callbacks import register_all
from gan_lab.page.guard import guard
from gan_lab.page.workbench import Workbench

HOST = "127.0.0.1"
TITLE = ": latent space"
ASSETS = Path(__file__).parent / "assets"
STYLE = Path(gan_lab.__file__).parent / "report" / "style.css"
INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
{css}
</head>
<body>
<main class="explorer">
<div id="react-entry-point"><header><p class="eyebrow">Latent space</p><h1>{name}</h1>
<p class="meta" role="status">Opening the page</p></header>
<div class="bench waiting"><div class="column"><div class="card"></div></div>
<div class="column"><div class="card"></div></div></div></div>
<footer>gan_lab {version}. Your own machine serves this page, and it asks nothing of any other.
</footer>
</main>
{config}
{scripts}
{renderer}
</body>
</html>
"""


class Explorer(Dash):
    """Dash with a page of its own, whose header is there before any script has run."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        """The page around the scripts of Dash."""
        name = escape(self.title.removesuffix(TITLE))
        kept = {key: parts.get(key, "") for key in ("css", "config", "scripts", "renderer")}
        return INDEX.format(
            title=escape(self.title), name=name, style=STYLE.read_text(),
            version=gan_lab.__version__, **kept,
        )  # fmt: skip


class Quiet(WSGIRequestHandler):
    """Answers requests without a line in the terminal for each."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Page:
    """A server that listens.

    Attributes:
        address: Where a browser finds it, with its secret.
        port: Port that it listens on.
        token: The secret.
        server: The server.
    """

    address: str
    port: int
    token: str
    server: BaseWSGIServer

    def run(self) -> None:
        """Answer requests until interrupted."""
        self.server.serve_forever()

    def start(self) -> Thread:
        """Answer requests in the background."""
        thread = Thread(target=self.run, name="page", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Stop answering, and free the port."""
        self.server.shutdown()
        self.server.server_close()


def open_page(name: str, workbench: Workbench, *, port: int = 0) -> Page:
    """Listen on `127.0.0.1`; the page is there at once and fills when the run has been read.

    Args:
        name: Name of the run.
        workbench: What is being read.
        port: Port; 0 takes a free one.

    Raises:
        UserError: If the port is taken.
    """
    token = secrets.token_urlsafe(24)
    app = make_app(name, workbench, token)
    try:
        server = make_server(HOST, port, app.server, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit, OverflowError) as error:
        raise UserError(
            f"port={port} is taken or not allowed; choose another, or port=0"
        ) from error
    port = server.server_port
    guard(app.server, token=token, port=port, scripts=app.csp_hashes())
    return Page(f"http://{HOST}:{port}/{token}/", port, token, server)


def make_app(name: str, workbench: Workbench, token: str) -> Dash:
    """The Dash application below the path of its secret; all its files are local."""
    app = Explorer(
        "gan_lab.page",
        assets_folder=str(ASSETS),
        url_base_pathname=f"/{token}/",
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,  # type: ignore[arg-type]
        title=f"{name}{TITLE}",
        add_log_handler=False,
    )
    app.enable_dev_tools(debug=False)
    app.layout = shell(name)
    register_all(app, workbench)
    return app


def shell(name: str) -> html.Div:
    """What is there before the run has been read."""
    return html.Div([
        dcc.Location(id="address", refresh=False),
        dcc.Interval(id="wait", interval=250),
        html.Div(waiting(name, "Starting"), id="content"),
    ])  # fmt: skip


def waiting(name: str, stage: str, error: str = "") -> list[Any]:
    """Header and empty cards, with what is being done."""
    words = html.P(error or f"{stage} …", className="failed" if error else "meta", role="status")
    head = html.Header([html.P("Latent space", className="eyebrow"), html.H1(name), words])
    cards = [html.Div(html.Div(className="card"), className="column") for _ in range(2)]
    return [head] if error else [head, html.Div(cards, className="bench waiting")]
