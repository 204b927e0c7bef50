"""`gan-lab explore map` and `select` on a run of a few steps, with its own critic and rows."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lab.cli import train
from gan_lab.cli.explore import map as draw
from gan_lab.cli.explore import select

WORDS = [
    "experiment=ring_mlp", "trainer.max_steps=30", "trainer.accelerator=cpu", "trainer.threads=1",
    "data.n=1500",
    *(f"callbacks.{n}=null" for n in ("sample_grid", "distance", "interpolation", "health")),
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    assert train.main([*WORDS, f"output={folder}"]) == 0
    return next((folder / "ring_mlp").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (["of=latent", "colour=density,critic,novelty"], {"density", "novelty"}),
        (["of=data", "colour=class,density"], {"density"}),
        (["of=out_of_sample"], set()),
    ],
)
def test_a_map_is_drawn_and_written(run, tmp_path, capsys, words, columns):
    assert draw.main([str(run), *words, "n=200", f"output={tmp_path}"]) == 0
    told = [Path(line) for line in capsys.readouterr().out.splitlines() if "map-" in line]
    assert {path.suffix for path in told} == {".png", ".csv", ".json"}
    assert all(path.is_file() for path in told)
    with Image.open(told[0]) as picture:
        assert picture.width >= 400
    table = next(path for path in told if path.suffix == ".csv")
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 200
    assert columns <= set(rows[0])


@pytest.mark.slow
@pytest.mark.parametrize("method", select.METHODS)
def test_selected_samples_are_written_and_judged(run, tmp_path, method):
    words = [f"method={method}", "n=60", "steps=5", "refit=3", f"output={tmp_path}"]
    assert select.main([str(run), *words]) == 0
    chosen = np.load(tmp_path / f"selected-{method}.npy")
    assert chosen.shape == (60, 2)
    assert np.isfinite(chosen).all()
    facts = json.loads((tmp_path / f"selected-{method}.json").read_text())
    assert "precision" in json.dumps(facts)


@pytest.mark.parametrize(
    ("main", "word", "text"),
    [
        (draw.main, "of=nothing", "of=nothing"),
        (draw.main, "colour=blue", "colour=blue"),
        (draw.main, "n=3", "n=3"),
        (select.main, "method=best", "method=best"),
        (select.main, "n=0", "n=0"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(capsys, main, word, text):
    assert main(["nowhere", word]) == 2
    assert text in capsys.readouterr().err
