"""A run that diverges goes back to its newest good state, and on with lower learning rates."""

from collections.abc import Callable
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from gan_lab.callbacks.finite import Diverged
from gan_lab.cli.origin import Origin, find_origin
from gan_lab.errors import UserError

NETWORKS = ("generator", "critic")


def train_with_rollbacks(
    config: DictConfig, folder: Path, origin: Origin | None, train: Callable[..., None]
) -> None:
    """Train; at most `trainer.rollbacks` times, go back and lower both rates by `rollback_lr`.

    Noise and the order of the data are functions of the step, so that the same rates would lead to
    the same end.

    Args:
        config: The configuration.
        folder: The run folder.
        origin: What a resumed run goes on from.
        train: Takes `(config, origin)`.

    Raises:
        Diverged: If the run diverges once more.
        UserError: If the keys are out of range, or several processes train.
    """
    left = check(config)
    while True:
        try:
            train(config, origin)
        except Diverged as error:
            if not left:
                raise
            left -= 1
            origin = find_origin(str(folder), anyway=True)
            lower(config)
            tell(error, config, origin, left)
        else:
            return


def check(config: DictConfig) -> int:
    """How often to go back.

    Raises:
        UserError: If the keys are out of range, or several processes train.
    """
    count, factor = config.trainer.rollbacks, config.trainer.rollback_lr
    if count < 0 or not 0 < factor < 1:
        raise UserError(
            f"trainer.rollbacks is {count}, trainer.rollback_lr {factor}; expected 0 or more, and "
            "a factor between 0 and 1"
        )
    if count and config.trainer.devices not in (1, "1", "auto"):
        raise UserError("trainer.rollbacks works with trainer.devices=1; set trainer.rollbacks=0")
    return int(count)


def lower(config: DictConfig) -> None:
    """Multiply both learning rates by `trainer.rollback_lr`, in place."""
    for network in NETWORKS:
        key = f"model.{network}_optimizer.lr"
        OmegaConf.update(config, key, OmegaConf.select(config, key) * config.trainer.rollback_lr)


def tell(error: Diverged, config: DictConfig, origin: Origin, left: int) -> None:
    """Say what happened, where it goes on, and how."""
    console = Console(highlight=False, stderr=True)
    rates = ", ".join(f"{n} {config.model[f'{n}_optimizer'].lr:.3g}" for n in NETWORKS)
    console.print(str(error), markup=False, soft_wrap=True)
    console.print(
        f"back to step {origin.steps:,} with learning rates {rates}; {left} more such tries",
        soft_wrap=True,
    )
