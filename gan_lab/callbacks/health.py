"""Is the training healthy? Signals every few steps, a verdict, and where they are written."""

import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.health_gradients import STRIDE, GradientTrace
from gan_lab.callbacks.health_probe import Probe
from gan_lab.callbacks.health_record import FILE, Record
from gan_lab.errors import UserError
from gan_lab.metrics.health import Diagnosis, State, diagnose
from gan_lab.metrics.health.thresholds import WINDOW
from gan_lab.model.gan import GAN

PREFIX = "health/"
SECONDS = 5.0


class Health(ClockCallback):
    """Measure, judge, and say so where a person looks.

    Every `every` generator steps `Signals` are measured on fixed rows and latents, and the last
    ones are judged. The numbers join the model's `last_terms` as `health/...`, with the number of
    the state as `health/state`; a new state is written to TensorBoard's text tab; all of it goes to
    `health.json` in the run folder. Training itself is not touched: neither its random numbers nor
    the state of its networks.

    Args:
        every: Generator steps between two measurements.
        n: Training rows, held-out rows and samples, at most; more rows, less noise.

    Raises:
        UserError: If a number is too small.
    """

    def __init__(self, every: int = 50, n: int = 128) -> None:
        self.every = at_least_one("callbacks.health.every", every)
        if n < 8:
            raise UserError(f"callbacks.health.n is {n}; expected 8 or more samples")
        self.n = n
        self._trace = GradientTrace(min(STRIDE, every))
        self._probe: Probe | None = None
        self._restored: dict[str, Any] | None = None
        self.verdict: Diagnosis | None = None

    def state_dict(self) -> dict[str, Any]:
        """What the next measurement depends on, and what has been found."""
        if self._probe is None:
            return {}
        return {
            "record": self._record.to_dict(),
            "trace": self._trace.state_dict(),
            "probe": self._probe.state_dict(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keep the state for `start`, which knows the data."""
        self._restored = state_dict or None

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Fix rows and latents; take up the record of a run that is resumed."""
        if not trainer.is_global_zero:
            return
        gan = _gan(model)
        data = trainer.datamodule  # type: ignore[attr-defined]
        self._record = Record(Path(trainer.default_root_dir) / FILE, self.every)
        self._record.cut(gan.steps)
        self._probe = Probe(gan, data, self.n)
        self._trace = GradientTrace(min(STRIDE, self.every))
        if self._restored is not None:
            self._record.load(self._restored["record"])
            self._trace.load_state_dict(self._restored["trace"])
            self._probe.load_state_dict(self._restored["probe"])
            self._restored = None
        self._written = 0.0

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Note the size of every gradient; nothing is read yet, so a GPU does not wait."""
        if trainer.is_global_zero:
            self._trace.note(_gan(pl_module), optimizer)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Measure when it is time."""
        if not trainer.is_global_zero:
            return
        self._trace.note_terms(model.steps, model.last_terms)
        if every_n(model.steps, self.every):
            self._measure(trainer, _gan(model))

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Write what has been found."""
        if trainer.is_global_zero:
            self._record.write()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Write what has been found: it may tell why."""
        if trainer.is_global_zero and self.verdict is not None:
            self._record.write()

    def _measure(self, trainer: pl.Trainer, gan: GAN) -> None:
        assert self._probe is not None
        signals = self._probe.measure(gan, self._trace)
        self._trace.clear()
        self._record.add(signals)
        verdict = diagnose(self._record.history[-WINDOW:])
        changed = self._record.judge(verdict)
        self.verdict = verdict
        gan.last_terms.update(
            {PREFIX + name: torch.tensor(value) for name, value in signals.numbers().items()}
        )
        gan.last_terms[PREFIX + "state"] = torch.tensor(float(verdict.state.number))
        if changed:
            _tell(trainer, verdict)
        if changed or time.monotonic() - self._written > SECONDS:
            self._written = time.monotonic()
            self._record.write()


def _tell(trainer: pl.Trainer, verdict: Diagnosis) -> None:
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger) and verdict.state is not State.TOO_EARLY:
            logger.experiment.add_text("health", verdict.sentence, verdict.step)


def _gan(model: object) -> GAN:
    if not isinstance(model, GAN):
        raise UserError(
            f"callbacks.health watches a GAN, not a {type(model).__name__}; leave it out with "
            "callbacks.health=null"
        )
    return model
