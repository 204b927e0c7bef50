import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import torch
from PIL import Image
from pytorch_lightning.loggers import TensorBoardLogger

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.projector import EmbeddingProjector
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
CHROMIUM = shutil.which("chromium")
SERIES = DataSpec("waves", "series", 2, (16,))
POINTS = DataSpec("dots", "points", 2)


def write(fit, tmp_path, n=30, **options):
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    fit(StopAfter(2), EmbeddingProjector(n=n), logger=logger, **options)
    return tmp_path / "tensorboard"


def table(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def test_latents_and_features_with_labels_and_pictures(fit, tmp_path):
    folder = write(fit, tmp_path, conditional=True)
    config = (folder / "projector_config.pbtxt").read_text()
    assert config.count("embeddings {") == 2
    latents, features = folder / "00002" / "latents", folder / "00002" / "features"
    assert len(table(latents / "tensors.tsv")) == 30
    assert len(table(latents / "tensors.tsv")[0]) == 3
    names = table(features / "metadata.tsv")
    assert names[0] == ["kind", "class"]
    assert len(names) == 1 + 3 * 30
    assert {row[0] for row in names[1:]} == {"generated", "training", "held out"}
    assert {row[1] for row in names[1:]} == {"a", "b"}
    with Image.open(features / "sprite.png") as sheet:
        assert sheet.size == (320, 320)  # 90 pictures of 32 pixels in rows of ten


def test_latents_are_those_of_the_seed(fit, tmp_path):
    folder = write(fit, tmp_path, conditional=True)
    rows = table(folder / "00002/latents/tensors.tsv")
    expected = torch.randn(30, 3, generator=torch.Generator().manual_seed(7))
    torch.testing.assert_close(torch.tensor([[float(v) for v in row] for row in rows]), expected)


def test_series_have_pictures_and_points_have_three_columns_but_none(fit, tmp_path):
    assert (write(fit, tmp_path / "a", spec=SERIES) / "00002/latents/sprite.png").is_file()
    folder = write(fit, tmp_path / "b", spec=POINTS)
    assert not (folder / "00002/features/sprite.png").exists()
    assert {len(row) for row in table(folder / "00002/features/tensors.tsv")} == {3}


def test_global_random_state_is_untouched_and_nothing_is_written_without_tensorboard(fit, tmp_path):
    def state(*callbacks):
        torch.manual_seed(3)
        fit(StopAfter(1), *callbacks)
        return torch.get_rng_state()

    assert torch.equal(state(), state(EmbeddingProjector(n=5)))
    assert not (tmp_path / "tensorboard").exists()


def test_no_points_are_refused():
    with pytest.raises(UserError, match=r"callbacks.projector.n is 0"):
        EmbeddingProjector(n=0)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(url, seconds=90):
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


@pytest.fixture
def tensorboard():
    """Start TensorBoard on a folder; returns its address."""
    running = []

    def start(folder):
        port = free_port()
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host",
                   "127.0.0.1", "--port", str(port), "--load_fast", "false"]  # fmt: skip
        quiet = subprocess.DEVNULL
        running.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/data/plugin/projector/runs")
        return url

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_shows_the_points_in_a_browser(fit, tmp_path, tensorboard):
    from playwright.sync_api import sync_playwright

    url = tensorboard(write(fit, tmp_path, n=40, conditional=True))
    arguments = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.goto(f"{url}/#projector")
        projector = page.frame_locator("iframe").frame_locator("iframe")
        counted = projector.get_by_text("Points: ", exact=False).first
        counted.wait_for(timeout=120_000)
        for _ in range(240):
            if counted.inner_text().strip() == "Points: 120":  # 40 of each kind of row
                break
            page.wait_for_timeout(500)
        page.wait_for_timeout(3000)
        shown = counted.inner_text().strip()
        shot = tmp_path / "projector.png"
        projector.locator("#scatter").screenshot(path=shot)
        page.screenshot(path=tmp_path / "page.png")
        browser.close()
    assert shown == "Points: 120"
    with Image.open(shot) as picture:
        colours = picture.convert("L").getcolors(100_000)
    drawn = 1 - max(count for count, _ in colours) / sum(count for count, _ in colours)
    assert drawn > 0.005  # an empty canvas is one colour
