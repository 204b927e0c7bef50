"""Who may talk to the page: this machine, through the address that the terminal printed.

Another website in the same browser could send requests to a local port, directly or under a name
of its own that leads here (DNS rebinding). So each request must carry the secret of this start in
its path, name this machine as its host, and come from a page of the same origin.
"""

import hmac
from collections.abc import Sequence

from flask import Flask, Response, request

from gan_lab.page import limits

NAMES = ("127.0.0.1", "localhost")
REFUSED = (
    "403: not allowed. Open the address that the terminal printed; each start of the page has a "
    "new one. What follows the ? in an older link still works behind it."
)
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Dash and plotly write style attributes.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard(server: Flask, *, token: str, port: int, scripts: Sequence[str]) -> None:
    """Refuse foreign requests with 403 and large ones with 413; send protective headers.

    Args:
        server: The application.
        token: Secret first part of every path.
        port: Port that it listens on.
        scripts: Hashes of the inline scripts that the page has, as a policy writes them.
    """
    server.config["MAX_CONTENT_LENGTH"] = limits.BODY
    hosts = {f"{name}:{port}" for name in NAMES}
    policy = policy_text(scripts)

    @server.before_request
    def refuse() -> Response | None:
        if allowed(request.headers, request.path, token=token, hosts=hosts):
            return None
        return Response(REFUSED, status=403, mimetype="text/plain")

    @server.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = policy
        if not request.path.startswith(f"/{token}/_dash-component-suites/"):
            response.headers["Cache-Control"] = "no-store"
        return response


def allowed(headers: object, path: str, *, token: str, hosts: set[str]) -> bool:
    """Whether a request names this machine, comes from its own pages, and knows the secret."""
    get = headers.get  # type: ignore[attr-defined]
    if get("Host") not in hosts:
        return False
    origin = get("Origin")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        return False
    if get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return False
    first = path.split("/")[1] if path.count("/") >= 2 else ""
    return hmac.compare_digest(first.encode(), token.encode())


def policy_text(scripts: Sequence[str]) -> str:
    """The Content-Security-Policy, with the given inline scripts allowed by their hashes."""
    policy = {**POLICY, "script-src": " ".join([POLICY["script-src"], *scripts])}
    return "; ".join(f"{name} {value}" for name, value in policy.items())
