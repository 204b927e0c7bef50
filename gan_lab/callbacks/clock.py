"""The one clock: generator steps, never Lightning's `global_step`."""

from typing import Protocol, cast, runtime_checkable

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.types import Label, Prior


@runtime_checkable
class Model(Protocol):
    """What callbacks ask of a model; `gan_lab.model.gan.GAN` has it.

    Attributes:
        steps: Generator steps done.
        images_seen: Real samples shown to the critic.
        log_every: Generator steps between two rows of scalars.
        run_seed: Seed of the run.
        last_terms: Latest losses, penalties and logits by name.
    """

    steps: int
    images_seen: int
    log_every: int
    run_seed: int
    last_terms: dict[str, Tensor]
    prior: Prior
    spec: DataSpec

    @property
    def device(self) -> torch.device:
        """Where the networks are."""

    def generate(
        self, z: Float[Tensor, "b d"], label: Label | None = None, *, ema: bool = True
    ) -> Float[Tensor, "b c *s"]:
        """Samples of the averaged or the raw generator."""


class ClockCallback(pl.Callback):
    """A callback on the generator's clock: a start, a call after every generator step, an end."""

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Training begins, at `model.steps`."""

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Generator step number `model.steps` is done."""

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Training has ended without an error."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Lightning's name of `start`."""
        self.start(trainer, cast(Model, pl_module))

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: object
    ) -> None:
        """Lightning's name of `step`."""
        self.step(trainer, cast(Model, pl_module))

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Lightning's name of `end`."""
        self.end(trainer, cast(Model, pl_module))


class StopAfter(ClockCallback):
    """End training when the generator has made `max_steps` steps, and not one later.

    Args:
        max_steps: Number of generator steps, counted over all resumed runs.

    Raises:
        UserError: If it is below 1.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = at_least_one("trainer.max_steps", max_steps)

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Make no step when the resumed run was complete."""
        self.step(trainer, model)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Look at the clock."""
        if model.steps >= self.max_steps:
            trainer.should_stop = True


def every_n(steps: int, every: int) -> bool:
    """Whether something that happens every `every` generator steps is due after `steps`.

    >>> [step for step in range(7) if every_n(step, 3)]
    [3, 6]
    """
    return steps > 0 and steps % every == 0


def at_least_one(name: str, value: int) -> int:
    """Check a number that a user gave.

    Raises:
        UserError: If it is below 1.
    """
    if value < 1:
        raise UserError(f"{name} is {value}; expected 1 or more")
    return value
