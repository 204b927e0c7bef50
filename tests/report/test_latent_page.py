"""The still page of a latent space: one file that asks for nothing."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab.data.samples import Samples
from gan_lab.explore.direction import directions
from gan_lab.explore.explorer import LatentExplorer
from gan_lab.explore.neighbours import RealRows
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal
from gan_lab.networks.mlp import Generator
from gan_lab.render.images import to_rgb
from gan_lab.report.latent_page import AMOUNTS, render_latent_page, write_latent_page
from gan_lab.spec import DataSpec

HOSTILE = "<img src=x onerror=alert(1)>"
SPECS = {
    "images": DataSpec(
        "digits", "images", 1, (8, 8), classes=("zero", HOSTILE), scale=(8.0,), offset=(8.0,),
        bounds=(0.0, 16.0), integer=True,
    ),
    "series": DataSpec("var", "series", 2, (24,), channel_names=(HOSTILE, "down")),
    "points": DataSpec("ring", "points", 2),
}  # fmt: skip


def explorer_of(spec, folder, *, with_data=True):
    torch.manual_seed(3)
    network = Generator(spec, 6, width=16)
    save_generator(
        folder, network=network, prior=Normal(6), spec=spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 16},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": 6},
    )  # fmt: skip
    generator = load(folder)
    x = generator.generate(generator.latents(80, 9), generator.labels(80, 9))
    rows = Samples(x + 0.1 * torch.randn_like(x), None, spec)
    real = RealRows(rows.select(torch.arange(50)), rows.select(torch.arange(50, 80)))
    found = directions(
        torch.eye(6)[:2], generator.prior, method="jacobian", names=["first", HOSTILE],
        explained=[0.5, 0.25],
    )  # fmt: skip
    return LatentExplorer(generator, real if with_data else None, found)


@pytest.fixture(scope="module", params=list(SPECS))
def explorer(request, tmp_path_factory):
    return explorer_of(SPECS[request.param], tmp_path_factory.mktemp(request.param))


def test_loads_nothing_and_runs_nothing(explorer):
    text = render_latent_page(explorer, name=HOSTILE)
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    assert "<script" not in text
    assert "<img src=x" not in text
    links = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert links
    assert all(link.startswith("data:") for link in links)
    assert not re.search(r"url\(|https?://(?!www\.w3\.org/2000/svg)", text)


def test_shows_every_part(explorer):
    text = render_latent_page(explorer, name="run")
    for heading in ("Samples", "Directions", "A walk", "Nearest real rows"):
        assert f"<h2>{heading}</h2>" in text
    assert "50 % of the change" in text
    assert "50 training and 30 held-out rows" in text


def test_pictures_are_those_of_the_generator(tmp_path):
    explorer = explorer_of(SPECS["images"], tmp_path)
    text = render_latent_page(explorer, name="run", seed=4)
    strip = text.split('<figure class="direction">')[1].split("</figure>")[0]
    pictures = re.findall(r'src="data:image/png;base64,([^"]*)"', strip)
    assert len(pictures) == len(AMOUNTS)
    middle = np.array(Image.open(io.BytesIO(base64.b64decode(pictures[3]))).convert("RGB"))
    label = explorer.generator.labels(1, seed=4)
    x = explorer.generator.generate(explorer.generator.latents(1, 4), label)
    assert np.array_equal(middle, to_rgb(x, explorer.spec)[0])


def test_counts_copies(tmp_path):
    explorer = explorer_of(SPECS["images"], tmp_path)
    label = [explorer.generator.labels(1, seed=k) for k in range(12)]
    copies = torch.cat(
        [explorer.generator.generate(explorer.generator.latents(1, k), label[k]) for k in range(12)]
    )
    copied = replace(explorer.real.train, x=copies)
    explorer.real = RealRows(copied, explorer.real.held_out)
    assert "12 of 12 samples may be copies" in render_latent_page(explorer, name="run")


def test_does_without_data(tmp_path):
    explorer = explorer_of(SPECS["points"], tmp_path, with_data=False)
    write_latent_page(tmp_path / "page.html", explorer, name="run")
    text = (tmp_path / "page.html").read_text()
    assert "Nearest real rows" not in text
    assert "A walk" in text
