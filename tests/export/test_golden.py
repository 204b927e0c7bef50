"""Generator folders of every format there has been: each still opens and samples the same.

A format that has been released stays here for good. `python tests/export/test_golden.py` writes the
folder of the present one.
"""

import inspect
import json
import shutil
from pathlib import Path

import pytest
import torch
import yaml

from gan_lab.export.migrations import FORMAT_VERSION, MIGRATIONS, migrated
from gan_lab.export.node import with_defaults
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import GaussianMixture
from gan_lab.networks.mlp import Generator
from gan_lab.spec import DataSpec

FOLDER = Path(__file__).parent / "golden"
NODE = {"_target_": "gan_lab.networks.mlp.Generator", "width": 4, "depth": 2}
LATENT = {"_target_": "gan_lab.latent.mixture.GaussianMixture", "dim": 3}
SPEC = DataSpec("golden", "points", 2, classes=("a", "b"), scale=(2.0,), offset=(1.0,))


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_it_still_samples_the_same(version):
    generator = load(FOLDER / f"format_{version}")
    expected = torch.tensor(json.loads((FOLDER / f"format_{version}/samples.json").read_text()))
    # Sums are rounded differently between CPUs; 1e-5 is 100 times that, and far below a change.
    assert torch.allclose(generator.sample(6, seed=3), expected, rtol=0, atol=1e-5)


def test_every_earlier_format_has_a_way_to_the_present_one():
    assert sorted(MIGRATIONS) == list(range(1, FORMAT_VERSION))
    for version in range(1, FORMAT_VERSION + 1):
        stored = yaml.safe_load((FOLDER / f"format_{version}/config.yaml").read_text())
        assert stored["format_version"] == version
        assert migrated(stored)["format_version"] == FORMAT_VERSION


def test_the_present_format_is_written_as_it_is_kept(tmp_path):
    write(tmp_path)
    for name in ("config.yaml", "spec.json"):
        folders = (FOLDER / f"format_{FORMAT_VERSION}", tmp_path)
        kept, new = (yaml.safe_load((folder / name).read_text()) for folder in folders)
        assert {**new, "gan_lab": ""} == {**kept, "gan_lab": ""}, name


def test_a_default_that_changes_later_changes_no_generator(tmp_path, monkeypatch):
    folder = tmp_path / "generator"
    shutil.copytree(FOLDER / f"format_{FORMAT_VERSION}", folder)
    before = load(folder).sample(4)
    defaults = inspect.unwrap(Generator.__init__).__kwdefaults__
    monkeypatch.setitem(defaults, "activation", "tanh")
    assert torch.equal(load(folder).sample(4), before)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    del config["generator"]["activation"]  # as format 1 has it
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    assert not torch.equal(load(folder).sample(4), before)


def test_defaults_of_nested_nodes_are_kept():
    node = {"_target_": "gan_lab.latent.product.Product", "priors": [LATENT]}
    assert with_defaults(node)["priors"][0]["components"] == 10


def write(folder):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Generator(SPEC, 3, width=4, depth=2)
    save_generator(
        folder, network=network, prior=GaussianMixture(3), spec=SPEC, generator_config=NODE,
        latent_config=LATENT, extra={"seed": 0},
    )  # fmt: skip


if __name__ == "__main__":
    chosen = FOLDER / f"format_{FORMAT_VERSION}"
    write(chosen)
    text = json.dumps(load(chosen).sample(6, seed=3).tolist())
    (chosen / "samples.json").write_text(text + "\n")
