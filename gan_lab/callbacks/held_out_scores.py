"""Scores against rows that training never sees, by name."""

from collections.abc import Mapping, Sequence

import pytorch_lightning as pl
import torch
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.sheets import generate, is_conditional
from gan_lab.data.base import DataModule
from gan_lab.errors import UserError
from gan_lab.evaluation import distances
from gan_lab.evaluation.features import AUTO, choose
from gan_lab.evaluation.repeats import Measure, Rows
from gan_lab.metrics.features.extractor import Extractor, extract

PREFIX, FLOOR = "eval/", "_floor"


def _named(measure: Measure, *names: str) -> dict[str, Measure]:
    return dict.fromkeys(names, measure)


MEASURES: Mapping[str, Measure] = {
    **_named(distances.of_features, "frechet", "kernel"),
    **_named(distances.of_shares, "precision", "recall", "density", "coverage"),
    **_named(distances.of_levels, "alpha_precision", "beta_recall"),
    **_named(distances.of_variety, "vendi"),
    **_named(distances.of_energy, "energy"),
}


class HeldOutScores(ClockCallback):
    """Scores of the averaged generator on a subset, in the terms that other callbacks read.

    Every `every` generator steps and at the end `eval/NAME` is added to the model's `last_terms`,
    and so to TensorBoard and `metrics.csv`, next to `eval/NAME_floor`: the same score of as many
    training rows. Latents and rows are the same each time, so that only the generator makes a
    difference. `Checkpoints` and `EarlyStopping` follow any of these names.

    Args:
        scores: Names: frechet, kernel, precision, recall, density, coverage, alpha_precision,
            beta_recall, vendi or energy.
        every: Generator steps between two measurements.
        n: Rows on each side, at most as many as are held out.
        features: What the scores look at: random convolutions for `auto`, as there is no time to
            train a classifier; or `flatten`, `characteristics`, `efficientnet`.

    Raises:
        UserError: If a number is below 1 or a name is unknown.
    """

    def __init__(
        self,
        scores: Sequence[str] = ("frechet", "precision", "recall", "coverage"),
        every: int = 250,
        n: int = 500,
        features: str = AUTO,
    ) -> None:
        unknown = [name for name in scores if name not in MEASURES]
        if unknown or not scores:
            raise UserError(
                f"callbacks.scores.scores={list(scores)}: expected some of {', '.join(MEASURES)}"
            )
        self.scores, self.features = tuple(scores), features
        self.every = at_least_one("callbacks.scores.every", every)
        self.n = at_least_one("callbacks.scores.n", n)
        self._last = -1

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw rows, labels and latents once, and measure the floors."""
        if not trainer.is_global_zero:
            return
        data: DataModule = trainer.datamodule  # type: ignore[attr-defined]
        rng = torch.Generator().manual_seed(0)
        n = min(self.n, len(data.watched), len(data.train))
        held_out = data.watched.select(torch.randperm(len(data.watched), generator=rng)[:n])
        train = data.train.select(torch.randperm(len(data.train), generator=rng)[:n])
        self._extractor: Extractor = choose(self.features, model.spec, None)
        self._real = self._rows(held_out.x)
        self._label = held_out.label if is_conditional(model) else None
        self._z = model.prior.sample(n, rng)
        self._floor = self._measured(train.x, FLOOR)

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
        if not bool(fake.isfinite().all()):
            # A generator that has diverged must not keep the scores of a better day.
            names = [PREFIX + name for name in self.scores]
            model.last_terms.update(dict.fromkeys(names, torch.tensor(torch.nan)))
            return
        model.last_terms.update({**self._measured(fake), **self._floor})

    def _measured(self, x: Tensor, ending: str = "") -> dict[str, Tensor]:
        rows = self._rows(x)
        found: dict[str, float] = {}
        for measure in dict.fromkeys(MEASURES[name] for name in self.scores):
            found |= measure(self._real, rows)
        return {f"{PREFIX}{name}{ending}": torch.tensor(found[name]) for name in self.scores}

    def _rows(self, x: Tensor) -> Rows:
        features = extract(self._extractor, x)
        return Rows({distances.FEATURES: features, distances.VALUES: x})
