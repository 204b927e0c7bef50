"""The page is one file that asks for nothing, and shows names as text."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

VOID = {"meta", "link", "img", "br"}


class Elements(HTMLParser):
    """Tags, attributes and visible text of a page; tags must close in order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)


@pytest.fixture(params=["points_page", "series_page", "images_page"])
def page(request):
    return request.getfixturevalue(request.param)


def test_it_asks_for_nothing(page):
    found = Elements(page)
    assert "script" not in found.tags
    assert not re.search(r"https?:", page)
    assert not re.search(r"url\((?!#)|@import", page)
    sources = [value for _, name, value in found.attributes if name in ("src", "href")]
    assert all(value.startswith("data:") for value in sources)
    assert "default-src 'none'" in page


def test_names_are_text(page):
    found = Elements(page)
    handlers = [name for _, name, _ in found.attributes if name.startswith("on")]
    assert handlers == []
    assert "<img src=x onerror=alert(1)>" in "".join(found.text)


def test_every_number_of_a_picture_is_finite(page):
    for _, name, value in Elements(page).attributes:
        if name in ("d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"):
            assert "nan" not in value
            assert "inf" not in value


def test_what_a_run_folder_says_is_shown(points_page):
    text = " ".join(Elements(points_page).text)
    for expected in ("Is it faithful?", "healthy", "loss/critic", "Configuration", "Receipts"):
        assert expected in text


def test_series_have_their_own_part(series_page):
    text = " ".join(Elements(series_page).text)
    for expected in ("Are the dynamics kept?", "Who drives whom", "half-life, real", "edges"):
        assert expected in text
    assert series_page.count('class="node"') == 2 * 3


def test_copied_images_are_shown_beside_their_originals(images_page):
    trios = re.findall(r'<div class="trio">(.*?)</div>', images_page, re.DOTALL)
    assert len(trios) == 1 + 16
    for trio in trios:
        training, sample, held_out = re.findall(r'src="([^"]+)"', trio)
        assert training == sample != held_out


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_a_browser_shows_it_without_complaint(points_page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(points_page)
    # The page is measured in a frame as wide as a phone: nothing may be wider.
    (tmp_path / "frame.html").write_text(
        f'<iframe src="{file.as_uri()}" style="border:0;width:390px;height:900px" '
        'onload="const p=this.contentDocument.documentElement;'
        "document.body.append('overflow '+(p.scrollWidth-p.clientWidth))\"></iframe>"
    )
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    words += ["--enable-logging=stderr", "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [CHROMIUM, *words, (tmp_path / "frame.html").as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "overflow 0</body>" in done.stdout
    assert ":CONSOLE" not in done.stderr
