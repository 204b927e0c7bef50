"""Types of the top-level keys, so that a typo or a wrong type is an error, in files too."""

from dataclasses import dataclass
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

from gan_lab.cli.fresh import register_fresh


@dataclass
class TrainerConfig:
    """Where and for how long to train.

    Attributes:
        max_steps: Generator steps.
        accelerator: auto, cpu, gpu, cuda, mps or tpu.
        devices: Number of devices, a list of them, or auto.
        precision: Lightning's name of the number format.
        threads: CPU threads; auto times one against all.
        deterministic: Refuse operations that have no reproducible form.
        rollbacks: How often a run that diverges goes back to its newest good checkpoint.
        rollback_lr: Factor of both learning rates each time it does.
    """

    max_steps: int = MISSING
    accelerator: str = MISSING
    devices: Any = MISSING
    precision: str = MISSING
    threads: Any = MISSING
    deterministic: bool = MISSING
    rollbacks: int = 0
    rollback_lr: float = 0.5


@dataclass
class TrainConfig:
    """Top level of `conf/train.yaml`; groups whose yaml names a `_target_` are checked by it."""

    data: Any = MISSING
    latent: Any = MISSING
    networks: Any = MISSING
    objectives: Any = MISSING
    regularizers: Any = MISSING
    augment: Any = MISSING
    model: Any = MISSING
    callbacks: Any = MISSING
    trainer: TrainerConfig = MISSING
    seed: int = MISSING
    name: str = MISSING
    output: str = MISSING
    debug: bool = False
    dry_run: bool = False
    resume: Any = None
    resume_anyway: bool = False


def register() -> None:
    """Make the schema known to hydra as `train_schema`, and `${fresh:FOLDER}`."""
    register_fresh()
    ConfigStore.instance().store(name="train_schema", node=TrainConfig)
