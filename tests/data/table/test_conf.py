"""The names of `conf/data/table.yaml`, as `data.transform=NAME` picks them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lab.config import CONFIG_DIR
from gan_lab.data.table.cleaning import CHOICES, Policy
from gan_lab.transforms import FittedAffine, FittedComposition, FittedRankGaussian

FILE = Path(CONFIG_DIR) / "data/table.yaml"
NAMES = list(yaml.safe_load(FILE.read_text())["transforms"])


def build(path, **changes):
    root = OmegaConf.create({"seed": 0, "model": {"d_steps": 1}, "data": OmegaConf.load(FILE)})
    root.data.merge_with({"path": str(path), "window": 8, **changes})
    return instantiate(root.data, _convert_="all")


@pytest.fixture
def days(tmp_path):
    rng = np.random.default_rng(0)
    close = 100 * np.exp(rng.normal(0, 0.01, 60).cumsum())
    low, high = close * 0.98, close * 1.03
    days = {"open": close * 1.01, "high": high, "low": low, "close": close}
    pd.DataFrame(days).to_csv(tmp_path / "days.csv", index=False)
    return tmp_path / "days.csv"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_a_transform_that_fits(days, name):
    data = build(days, transform=name)
    data.setup()
    kind = {"rank_gaussian": FittedRankGaussian}.get(name, FittedAffine)
    if name in ("standard", "robust", "min_max", "rank_gaussian"):
        assert isinstance(data.spec.transform, kind)
    if name in ("none", "log_return", "ohlc"):
        assert isinstance(data.spec.transform, FittedComposition)
    assert data.spec.known_steps == (name in ("difference", "log_return", "ohlc"))


def test_a_transform_of_ones_own(days):
    node = {"_target_": "gan_lab.transforms.Difference", "columns": ["close"]}
    spec = build(days, transform=node).load().spec
    assert spec.transform.columns == (3,)
    # Or by a name of one's own, beside the others.
    spec = build(days, transform="mine", transforms={"mine": node}).load().spec
    assert spec.transform.columns == (3,)


def test_the_file_tells_all_choices_and_the_defaults_of_python():
    text, values = FILE.read_text(), yaml.safe_load(FILE.read_text())
    for name, allowed in CHOICES.items():
        assert values[name] == vars(Policy())[name]
        line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
        assert all(word in line for word in allowed)
