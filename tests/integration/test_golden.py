"""The first 20 steps of two tiny runs, as they were when this file was last written.

Losses and samples depend on the seed, the versions of torch and numpy, the CPU's vector units and
the number of threads (one here). On one machine a repetition is bit for bit the same; between CPUs
sums are rounded differently, which 20 steps carry to less than 1e-3 of a loss. A difference beyond
that means that training has changed: if that was meant, write the files again with
`python tests/integration/test_golden.py` and say so in CHANGELOG.md.
"""

import csv
import json
from pathlib import Path

import pytest

from gan_lab.cli import train
from gan_lab.export.portable import load

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent / "golden"
TOLERANCE = 1e-3
OFF = [f"callbacks.{name}=null" for name in (
    "interpolation", "sample_grid", "health", "distance", "progress",
)]  # fmt: skip
COMMON = [
    "trainer.max_steps=20", "trainer.threads=1", "trainer.accelerator=cpu",
    "trainer.deterministic=true", "model.log_every=1", "name=golden", "seed=0",
    "callbacks.checkpoints.metric=null", *OFF,
]  # fmt: skip
SMALL = ["networks.generator.width=8", "networks.critic.width=8", "data.batch_size=16"]
RUNS = {
    "digits": ["experiment=smoke", *COMMON],
    "ring": ["data=ring", "data.n=500", "networks=mlp", "latent.dim=2", *SMALL, *COMMON],
}


def measured(words, folder, patch):
    """Both losses of every step, and two samples."""
    patch.chdir(folder)
    assert train.main(words) == 0
    (config,) = folder.glob("outputs/golden/*/config.yaml")
    with (config.parent / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    losses = {
        name: [float(row[name]) for row in rows] for name in ("loss/critic", "loss/generator")
    }
    samples = load(config.parent).sample(2, seed=0).float().flatten().tolist()
    return {"losses": losses, "samples": samples}


def close(found, expected):
    scale = max(map(abs, expected))
    return all(abs(a - b) <= TOLERANCE * scale for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_training_has_not_changed(tmp_path, monkeypatch, name):
    expected = json.loads((FOLDER / f"{name}.json").read_text())
    once, again = tmp_path / "once", tmp_path / "again"
    once.mkdir()
    again.mkdir()
    found = measured(RUNS[name], once, monkeypatch)
    assert measured(RUNS[name], again, monkeypatch) == found
    for key, values in expected["losses"].items():
        assert len(found["losses"][key]) == 20
        assert close(found["losses"][key], values), key
    # Pixels are whole numbers: one of 255 more or less is rounding.
    assert max(abs(a - b) for a, b in zip(found["samples"], expected["samples"], strict=True)) <= (
        1 if name == "digits" else TOLERANCE
    )


def test_the_seed_matters(tmp_path, monkeypatch):
    expected = json.loads((FOLDER / "ring.json").read_text())
    found = measured([*RUNS["ring"], "seed=1"], tmp_path, monkeypatch)
    assert not close(found["losses"]["loss/critic"], expected["losses"]["loss/critic"])


if __name__ == "__main__":
    import tempfile

    for chosen, words in RUNS.items():
        with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
            content = measured(words, Path(scratch), patch)
        (FOLDER / f"{chosen}.json").write_text(json.dumps(content, indent=1) + "\n")
