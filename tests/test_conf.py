"""Every yaml composes; its group carries the name of the package that holds its code."""

import importlib.util
from pathlib import Path

import pytest
from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from gan_lab.cli.build import make
from gan_lab.cli.completion import choices, groups
from gan_lab.cli.compose import compose
from gan_lab.config import CONFIG_DIR

PACKAGES = [g for g in groups() if g not in ("experiment", "trainer", "hydra", "debug")]
PAIRS = [(group, choice) for group in PACKAGES for choice in choices(group)]


def targets(node):
    """Every `_target_` below a node."""
    if isinstance(node, dict):
        yield from [node["_target_"]] if "_target_" in node else []
        for value in node.values():
            yield from targets(value)


@pytest.mark.parametrize("group", PACKAGES)
def test_a_group_carries_the_name_of_a_package(group):
    assert importlib.util.find_spec(f"gan_lab.{group}") is not None


# Values that other groups hold.
SHARED = ("gan_lab.schedule.", "gan_lab.augment.", "gan_lab.transforms.")


@pytest.mark.parametrize(("group", "choice"), PAIRS)
def test_a_choice_composes_and_its_targets_exist(group, choice):
    config = compose([f"{group}={choice}"])
    if (group, choice) == ("data", "folder"):
        config.data.path = "somewhere"
    node = OmegaConf.to_container(config[group], resolve=True, throw_on_missing=True)
    for target in targets(node):
        assert callable(get_object(target))
        if target.startswith("gan_lab."):
            assert target.startswith((f"gan_lab.{group}.", *SHARED))


@pytest.mark.parametrize(
    ("group", "choice"), [p for p in PAIRS if p[0] not in ("data", "callbacks")]
)
def test_a_choice_builds(group, choice):
    made = make(compose([f"{group}={choice}"])[group])
    assert made is not None


@pytest.mark.parametrize("experiment", choices("experiment"))
def test_an_experiment_composes_and_names_itself(experiment):
    config = compose([f"experiment={experiment}"])
    assert isinstance(config, DictConfig)
    assert config.name == experiment


def test_every_yaml_has_a_place():
    for path in Path(CONFIG_DIR).rglob("*.yaml"):
        assert path.relative_to(CONFIG_DIR).parts[0] in groups() or path.name == "train.yaml"
