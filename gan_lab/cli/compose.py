"""The training configuration without a command line, for tests and notebooks."""

from collections.abc import Sequence
from pathlib import Path

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, open_dict

from gan_lab.cli.schema import register
from gan_lab.config import CONFIG_DIR


def compose(overrides: Sequence[str] = (), config_dir: str | None = None) -> DictConfig:
    """`conf/train.yaml` with overrides such as `latent=sphere`.

    Args:
        overrides: Words as on the command line.
        config_dir: A folder with further choices, as after `--config-dir`.

    Raises:
        hydra.errors.HydraException: If a group, choice or key does not exist.
    """
    register()
    GlobalHydra.instance().clear()
    further = [f"hydra.searchpath=['file://{Path(config_dir).absolute()}']"] if config_dir else []
    with initialize_config_dir(CONFIG_DIR, version_base="1.3"):
        config = hydra_compose("train", [*overrides, *further], return_hydra_config=True)
    HydraConfig.instance().set_config(config)
    with open_dict(config):
        config.name = str(config.name)
        del config["hydra"]
    return config
