"""Objectives as conf/ builds them, so that every yaml is under every proof."""

from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lab.config import CONFIG_DIR

PATHS = {path.stem: path for path in sorted(Path(CONFIG_DIR, "objectives").glob("*.yaml"))}
DIRECT = [name for name, path in PATHS.items() if "\nsamples:" in path.read_text()]
ADVERSARIAL = [name for name in PATHS if name not in DIRECT]


@pytest.fixture
def load():
    def build(name, **options):
        return instantiate({**OmegaConf.load(PATHS[name]), **options}, _convert_="all")

    return build


@pytest.fixture(params=ADVERSARIAL)
def adversarial(request, load):
    """Name and objective of everything that has a critic."""
    objective = load(request.param)
    if objective.control is not None:
        objective.control.k.fill_(0.375)  # exact in float32
    return request.param, objective


@pytest.fixture(params=DIRECT)
def direct(request, load):
    """Name and objective of everything that compares samples."""
    return request.param, load(request.param)


@pytest.fixture
def draw():
    def logits(n=64, dtype=torch.float64):
        generator = torch.Generator().manual_seed(5)
        real, fake = 1.5 * torch.randn(2, n, generator=generator, dtype=dtype)
        return real, fake

    return logits


@pytest.fixture(scope="session")
def line():
    """Points and weights of a trapezoid rule on the real line, `(n,)` float64."""
    x = torch.linspace(-16, 16, 16001, dtype=torch.float64)
    return x, torch.full_like(x, float(x[1] - x[0]))
