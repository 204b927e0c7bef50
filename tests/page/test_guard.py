import pytest

from gan_lab.page import limits
from gan_lab.page.guard import allowed, policy_text
from gan_lab.page.server import Page, open_page
from gan_lab.page.workbench import Workbench

NAME = "<b>run</b> {x}/1"


@pytest.fixture(scope="module")
def page():
    page = open_page(NAME, Workbench(lambda tell: None))
    yield page
    page.server.server_close()


@pytest.fixture
def client(page: Page):
    app = page.server.app.test_client()

    def get(path, host=None, method="GET", **headers):
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        headers = {"Host": host or f"127.0.0.1:{page.port}", **named}
        return app.open(path, method=method, headers=headers)

    return get


def test_listens_on_this_machine_alone(page):
    assert page.server.socket.getsockname() == ("127.0.0.1", page.port)
    assert page.address == f"http://127.0.0.1:{page.port}/{page.token}/"
    assert len(page.token) >= 32


def test_each_start_has_its_own_secret(page):
    other = open_page(NAME, Workbench(lambda tell: None))
    other.server.server_close()
    assert other.token != page.token


def test_debugging_is_off(page):
    assert not page.server.app.debug
    assert not page.server.app.config.get("TESTING")


def test_serves_whoever_has_the_address(page, client):
    for host in (f"127.0.0.1:{page.port}", f"localhost:{page.port}"):
        assert client(f"/{page.token}/", host).status_code == 200
    same = f"http://127.0.0.1:{page.port}"
    good = client(f"/{page.token}/_dash-layout", Origin=same, Sec_Fetch_Site="same-origin")
    assert good.status_code == 200


@pytest.mark.parametrize("path", ["/", "/x/", "//", "/_dash-layout", "/assets/explorer.js", "/é/"])
def test_refuses_paths_without_the_secret(client, path):
    answer = client(path)
    assert answer.status_code == 403
    assert "address that the terminal printed" in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "[::1]:80", ""]
)
def test_refuses_other_hosts(page, client, host):
    host = host or "127.0.0.1.nip.io"
    assert client(f"/{page.token}/", host).status_code == 403


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "https://127.0.0.1:{port}",
                                    "http://127.0.0.1", "http://localhost:1"])  # fmt: skip
def test_refuses_other_origins(page, client, origin):
    origin = origin.format(port=page.port)
    for method in ("GET", "POST", "OPTIONS"):
        assert client(f"/{page.token}/", method=method, Origin=origin).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_refuses_requests_from_other_sites(page, client, site):
    assert client(f"/{page.token}/", Sec_Fetch_Site=site).status_code == 403


def test_refuses_large_bodies(page):
    answer = page.server.app.test_client().post(
        f"/{page.token}/_dash-update-component",
        data=b" " * (limits.BODY + 1),
        content_type="application/json",
        headers={"Host": f"127.0.0.1:{page.port}"},
    )
    assert answer.status_code == 413


def test_headers_protect_even_refusals(page, client):
    for answer in (client(f"/{page.token}/"), client("/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self' 'sha256-" in policy
        scripts = policy.split("script-src")[1].split(";")[0]
        assert "unsafe" not in scripts
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_page_names_no_other_machine(page, client):
    text = client(f"/{page.token}/").text
    sources = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert sources
    assert all(source.startswith(f"/{page.token}/") for source in sources)
    assert "cdn" not in text.lower()


def test_names_are_text_and_no_html(page, client):
    text = client(f"/{page.token}/").text
    assert "<b>run</b>" not in text
    assert "&lt;b&gt;run&lt;/b&gt; {x}/1" in text


def test_address_decides_by_all_three():
    hosts = {"localhost:8"}
    good = {"Host": "localhost:8"}
    assert allowed(good, "/secret/x", token="secret", hosts=hosts)
    assert not allowed(good, "/secret", token="secret", hosts=hosts)
    assert not allowed(good, "/secret2/", token="secret", hosts=hosts)
    assert not allowed({}, "/secret/", token="secret", hosts=hosts)


def test_policy_lists_hashes():
    assert "script-src 'self' 'sha256-a' 'sha256-b';" in policy_text(["'sha256-a'", "'sha256-b'"])
