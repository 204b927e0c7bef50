"""A distance to rows that training never sees, while training goes on."""

import pytorch_lightning as pl
import torch
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.sheets import generate
from gan_lab.data.base import DataModule
from gan_lab.metrics.sliced_wasserstein import sliced_wasserstein

NAME = "eval/sliced_wasserstein"
FLOOR = "eval/sliced_wasserstein_floor"


class HeldOutDistance(ClockCallback):
    """Sliced Wasserstein distance of the averaged generator to held-out rows, in model range.

    Every `every` generator steps and at the end it is added to the model's `last_terms`, next to
    its floor: the same distance between as many training rows and the held-out rows. Latents, rows
    and directions are the same each time, so that only the generator makes a difference.

    Args:
        every: Generator steps between two measurements.
        n: Rows on each side, at most as many as are held out.
        directions: Random directions of the distance.

    Raises:
        UserError: If a number is below 1.
    """

    def __init__(self, every: int = 250, n: int = 1000, directions: int = 256) -> None:
        self.every = at_least_one("callbacks.distance.every", every)
        self.n = at_least_one("callbacks.distance.n", n)
        self.directions = at_least_one("callbacks.distance.directions", directions)
        self._last = -1

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw rows, labels and latents once, and measure the floor."""
        if not trainer.is_global_zero:
            return
        data: DataModule = trainer.datamodule  # type: ignore[attr-defined]
        rng = torch.Generator().manual_seed(0)
        n = min(self.n, len(data.watched), len(data.train))
        held_out = data.watched.select(torch.randperm(len(data.watched), generator=rng)[:n])
        train = data.train.select(torch.randperm(len(data.train), generator=rng)[:n])
        self._real, self._label = held_out.x, held_out.label
        self._z = model.prior.sample(n, rng)
        self._floor = self._distance(train.x)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Measure when it is time."""
        if trainer.is_global_zero and every_n(model.steps, self.every):
            self._measure(model)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Measure the last state."""
        if trainer.is_global_zero and model.steps != self._last:
            self._measure(model)

    def _measure(self, model: Model) -> None:
        self._last = model.steps
        fake = generate(model, self._z, self._label)
        model.last_terms[NAME] = torch.tensor(self._distance(fake))
        model.last_terms[FLOOR] = torch.tensor(self._floor)

    def _distance(self, x: Tensor) -> float:
        rng = torch.Generator().manual_seed(1)
        return sliced_wasserstein(x, self._real, directions=self.directions, rng=rng)
