"""The yaml files build the priors that they name."""

from pathlib import Path

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lab.config import CONFIG_DIR
from gan_lab.types import Prior

FILES = sorted(Path(CONFIG_DIR, "latent").glob("*.yaml"))


def test_every_prior_has_a_file():
    names = "bernoulli categorical info mixture normal sphere truncated_normal uniform"
    assert [file.stem for file in FILES] == names.split()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_builds_a_prior_of_64_dimensions(file):
    prior = instantiate(OmegaConf.load(file), _convert_="all")
    assert isinstance(prior, Prior)
    assert prior.dim == 64
