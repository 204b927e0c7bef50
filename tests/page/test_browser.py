"""The page in a real browser. One server, one browser, one visit for all that it can do."""

import base64
import io
import json
import shutil
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab.explore.view import View, unpack
from gan_lab.page import limits
from gan_lab.page.atlas import Atlas
from gan_lab.page.server import open_page
from gan_lab.page.stage import Stage
from gan_lab.page.workbench import Bench, Workbench
from gan_lab.render.images import to_rgb

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
PATIENCE = 60_000


class Visit:
    """A page in the browser, and all that it asked for and complained about."""

    def __init__(self, page, explorer, address, saved):
        self.page, self.explorer, self.address, self.saved = page, explorer, address, saved
        self.requests, self.complaints = [], []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self._listen(message))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, query=""):
        self.page.goto(self.address + query)
        self.page.wait_for_selector("#picture, .grid-of-samples")
        self.page.wait_for_selector("#map .main-svg")

    @property
    def query(self):
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def source(self):
        return self.page.get_attribute("#picture", "src")

    def pixels(self):
        return np.array(Image.open(io.BytesIO(base64.b64decode(self.source.split(",")[1]))))

    def expected(self, view):
        x = self.explorer.generator.generate(
            self.explorer.latent(view), label=self.explorer.label(view)
        )
        return to_rgb(x, self.explorer.spec)[0]

    def await_pixels(self, view):
        """Wait until the picture is that of the view, bit for bit."""
        wanted = self.expected(view)
        for _ in range(200):
            if np.array_equal(self.pixels(), wanted):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the picture never became that of {view}")


@pytest.fixture(scope="module")
def visit(explorers):
    explorer, saved = explorers["images"], []
    bench = Bench("digits", explorer, Atlas(explorer), Stage(explorer), saved.append)
    workbench = Workbench(lambda tell: bench)
    served = open_page("digits", workbench)
    served.start()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1320, "height": 1000}, accept_downloads=True)
        yield Visit(page, explorer, served.address, saved)
        browser.close()
    served.stop()


@pytest.fixture
def at_home(visit):
    visit.open("?seed=3&label=one")
    visit.await_pixels(View(seed=3, label="one"))
    return visit


def test_slider_shows_what_the_generator_makes(at_home):
    units = at_home.explorer.generator.sample(1, seed=3, label="one")
    assert np.array_equal(at_home.pixels()[..., 0], (units[0, 0] / 16 * 255).round().numpy())
    before = at_home.source
    slider = at_home.page.get_by_label("Most change 1")
    slider.focus()
    for _ in range(6):
        at_home.page.keyboard.press("ArrowRight")
    assert slider.input_value() == "0.3"
    at_home.await_pixels(View(seed=3, label="one", moves={"jacobian1": 0.3}))
    assert at_home.source != before
    assert at_home.query == {"seed": "3", "label": "one", "m.jacobian1": "0.3"}
    assert slider.get_attribute("aria-valuetext") == "+0.30"
    at_home.page.get_by_role("button", name="Reset").click()
    at_home.await_pixels(View(seed=3, label="one"))
    assert slider.input_value() == "0"


def test_link_brings_the_view_back(at_home):
    view = View(
        seed=7, label="two", truncation=0.6, moves={"jacobian2": -1.5, "z3": 2.0, "local-1": 1.0}
    )
    at_home.open("?seed=7&label=two&psi=0.6&m.jacobian2=-1.5&m.z3=2&m.local-1=1")
    at_home.await_pixels(view)
    assert at_home.page.get_by_label("Truncation").input_value() == "0.6"
    assert at_home.page.get_by_label("z3").input_value() == "2"
    assert at_home.page.get_by_role("radio", name="two").is_checked()
    at_home.page.get_by_role("radio", name="zero").check()
    at_home.page.get_by_label("Seed", exact=True).fill("8")
    # Local directions belong to the sample that was left.
    kept = {"jacobian2": -1.5, "z3": 2.0}
    at_home.await_pixels(View(seed=8, label="zero", truncation=0.6, moves=kept))


def test_map_leads_to_the_latent_that_was_clicked(at_home):
    box = at_home.page.locator("#map .nsewdrag").bounding_box()
    at_home.page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    at_home.page.wait_for_url("**start=given**")
    z = unpack(at_home.query["z"], 12)
    at_home.await_pixels(View("given", seed=3, given=at_home.query["z"], label="one"))
    mark = at_home.page.locator("#here").bounding_box()
    assert mark["x"] == pytest.approx(box["x"] + 0.7 * box["width"], abs=2)
    assert mark["y"] == pytest.approx(box["y"] + 0.3 * box["height"], abs=2)
    start = at_home.explorer.latent(View(seed=3))
    across = at_home.explorer.directions[2].vector
    assert float((z - start) @ across) == pytest.approx(0, abs=1e-4)


def test_map_of_data_and_its_keyboard_way(at_home):
    at_home.page.get_by_role("radio", name="Data").check()
    at_home.page.get_by_text("Click to go to the nearest sample.").wait_for()
    at_home.page.get_by_label("x", exact=True).fill("0.5")
    at_home.page.get_by_label("y", exact=True).fill("-0.5")
    at_home.page.get_by_role("button", name="Go there").click()
    at_home.page.wait_for_url("**start=given**")
    z = unpack(at_home.query["z"], 12)
    drawn = at_home.explorer.generator.latents(400, 0)
    assert (drawn == z).all(1).any()


def test_interpolation_plays_between_the_pins(at_home):
    page = at_home.page
    page.get_by_role("button", name="Pin as A").click()
    page.get_by_role("button", name="New sample").click()
    at_home.await_pixels(View(seed=4, label="one"))
    page.get_by_role("button", name="Pin as B").click()
    page.wait_for_url("**b=**")
    a, b = (unpack(at_home.query[key], 12) for key in "ab")
    assert torch.equal(a, at_home.explorer.generator.latents(1, 3))
    assert torch.equal(b, at_home.explorer.generator.latents(1, 4))
    page.get_by_role("button", name="Play").click()
    seen = set()
    for _ in range(100):
        seen.add(at_home.source)
        if len(seen) > 6:
            break
        page.wait_for_timeout(60)
    page.get_by_role("button", name="Pause").click()
    assert len(seen) > 6
    page.wait_for_timeout(300)
    t = float(page.get_by_label("Position").input_value())
    way = View(
        "between", seed=4, first=at_home.query["a"], second=at_home.query["b"], t=t, label="one"
    )
    at_home.await_pixels(way)


def test_upload_finds_a_latent_that_can_be_edited(at_home):
    target = at_home.expected(View(seed=77, label="two"))
    buffer = io.BytesIO()
    Image.fromarray(target).save(buffer, "PNG")
    file = {"name": "digit.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    at_home.page.set_input_files("#upload input[type=file]", file)
    at_home.page.get_by_text("Root mean square error").wait_for()
    at_home.page.wait_for_url("**start=given**")
    at_home.page.wait_for_timeout(500)
    difference = at_home.pixels().astype(float) - target
    assert (difference**2).mean() ** 0.5 < 0.1 * target.std()
    slider = at_home.page.get_by_label("Most change 2")
    slider.focus()
    at_home.page.keyboard.press("ArrowLeft")
    query = at_home.query
    view = View("given", seed=3, given=query["z"], label=query["label"], moves={"jacobian2": -0.05})
    at_home.await_pixels(view)


def test_bad_upload_gets_a_message(at_home):
    file = {"name": "evil.png", "mimeType": "image/png", "buffer": b"<script>alert(1)</script>"}
    at_home.page.set_input_files("#upload input[type=file]", file)
    alert = at_home.page.locator("#inverted [role=alert]")
    alert.wait_for()
    assert "expected a PNG, JPEG or WebP file" in alert.inner_text()
    at_home.await_pixels(View(seed=3, label="one"))


def test_large_upload_gets_a_message(at_home):
    file = {"name": "large.png", "mimeType": "image/png", "buffer": b"0" * (limits.UPLOAD + 1)}
    at_home.page.set_input_files("#upload input[type=file]", file)
    at_home.page.get_by_text("The file is larger than 4 MB").wait_for()


def test_files_and_directions_are_saved(at_home):
    page = at_home.page
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Picture").click()
    with open(waiting.value.path(), "rb") as file:
        assert np.array_equal(np.array(Image.open(file)), at_home.pixels())
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Latent").click()
    with open(waiting.value.path()) as file:
        assert json.load(file)["z"] == at_home.explorer.latent(View(seed=3))[0].tolist()
    page.get_by_role("button", name="Save direction").click()
    page.get_by_text("give the direction a name").wait_for()
    page.get_by_label("Most change 3").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Name the moves as a direction").fill("my way")
    page.get_by_role("button", name="Save direction").click()
    page.get_by_label("My way").wait_for()
    assert [direction.name for direction in at_home.saved] == ["my_way"]


def test_many_samples_and_one_of_them(at_home):
    at_home.page.get_by_role("radio", name="Many").check()
    at_home.page.get_by_role("button", name="Show the sample of seed 9").click()
    at_home.page.wait_for_selector("#picture")
    at_home.await_pixels(View(seed=9, label="one"))


def test_every_control_has_a_name_and_a_focus(at_home):
    nameless = at_home.page.evaluate("""() => [...document.querySelectorAll(
        'input, button, textarea, select')].filter((e) => e.type !== 'file' && e.offsetParent && !(
        e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))
        .map((e) => e.outerHTML)""")
    assert nameless == []
    unnamed = at_home.page.evaluate("""() => [...document.querySelectorAll('section, [role=group]')]
        .filter((e) => !e.getAttribute('aria-label') && !document.getElementById(
        e.getAttribute('aria-labelledby')))?.length""")
    assert unnamed == 0
    assert at_home.page.evaluate("document.querySelectorAll('img:not([alt])').length") == 0
    assert at_home.page.evaluate("document.documentElement.lang") == "en"
    at_home.page.get_by_label("Truncation").focus()
    at_home.page.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert at_home.page.evaluate(style) == "solid"
    assert at_home.page.get_by_role("status").first.inner_text()


def test_narrow_screens_need_no_sideways_scrolling(at_home):
    at_home.page.set_viewport_size({"width": 390, "height": 844})
    at_home.page.wait_for_timeout(400)
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    wide, window = at_home.page.evaluate(widths)
    assert wide <= window
    at_home.page.set_viewport_size({"width": 1320, "height": 1000})


def test_nothing_was_asked_of_other_machines_and_nothing_complained(at_home):
    foreign = [u for u in at_home.requests if not u.startswith((at_home.address, "data:", "blob:"))]
    assert foreign == []
    assert len(at_home.requests) > 50
    assert at_home.complaints == []
