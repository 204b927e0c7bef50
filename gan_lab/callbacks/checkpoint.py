"""Checkpoints on the generator's clock, never half written, never of a broken state."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytorch_lightning as pl
from lightning_fabric.plugins.io.checkpoint_io import CheckpointIO
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.finite import FiniteWeights
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import (
    BEST,
    FOLDER,
    LAST,
    is_whole,
    read_checkpoint,
    remove_checkpoint,
    step_of,
    write_checkpoint,
)


class Checkpoints(ClockCallback):
    """Save `checkpoints/step-000500.ckpt` and `last.ckpt` every `every` steps and at the end.

    A checkpoint is written under another name in the same folder, flushed to the disk and then
    renamed, so that a full disk or a kill leaves the previous one as it was. Its SHA-256 stands in
    `checkpoints/SHA256SUMS`. A state with NaN or infinite weights is not saved.

    Args:
        every: Generator steps between two checkpoints.
        keep: Number of `step-*.ckpt` files that stay; the oldest go first.
        metric: Name of one of the model's `last_terms`; its best checkpoint is kept as `best.ckpt`.
            It is written whenever a new best value is measured, between two checkpoints too.
        mode: Whether the `min` or the `max` of the metric is best.

    Raises:
        UserError: If `every` or `keep` is below 1, or the mode is unknown.
    """

    def __init__(
        self, every: int = 500, keep: int = 2, metric: str | None = None, mode: str = "min"
    ) -> None:
        self.every = at_least_one("callbacks.checkpoints.every", every)
        if keep < 1:
            raise UserError(f"callbacks.checkpoints.keep is {keep}; expected 1 or more")
        if mode not in ("min", "max"):
            raise UserError(f"callbacks.checkpoints.mode is {mode!r}; expected min or max")
        self.keep, self.metric, self.mode = keep, metric, mode
        self.best = math.inf if mode == "min" else -math.inf
        self._last = -1
        self._measured: Tensor | None = None
        self._finite: FiniteWeights | None = None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Let Lightning write and read whole files, and remember what was never finite."""
        trainer.strategy.checkpoint_io = WholeFiles()
        self._finite = FiniteWeights(pl_module)

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Take up the best value on the disk, if the resumed run has reached it."""
        self._last = model.steps
        # What a resumed run brings along was measured on another state.
        self._measured = model.last_terms.get(self.metric or "")
        path = Path(trainer.default_root_dir) / FOLDER / BEST
        if is_whole(path):
            state = read_checkpoint(path)
            earlier = state["callbacks"].get(self.state_key)
            if earlier is not None and state["gan_lab"]["steps"] <= model.steps:
                self.best = (min if self.mode == "min" else max)(self.best, earlier["best"])

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Save when it is time, and after the last step, before anything is done for the end."""
        best = self._improved(model.last_terms)
        if self.metric is not None:  # the first process alone may have measured
            best = trainer.strategy.reduce_boolean_decision(best, all=False)
        if every_n(model.steps, self.every) or trainer.should_stop:
            self.save(trainer, model, best=best)
        elif best:
            self._write(trainer, model, BEST)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Save the last state, or give it the name `best.ckpt` if the end has measured that."""
        mine = self._improved(model.last_terms)  # the first process alone may have measured
        improved = trainer.strategy.reduce_boolean_decision(mine, all=False)
        if model.steps not in (0, self._last):
            self.save(trainer, model, best=improved)
        elif improved and model.steps:
            self._write(trainer, model, BEST)

    def save_once(self, trainer: pl.Trainer, model: Model) -> None:
        """Save, unless the state after this step is on the disk already."""
        if model.steps not in (0, self._last):
            self.save(trainer, model)

    def save(self, trainer: pl.Trainer, model: Model, *, best: bool = False) -> None:
        """Write the state after `model.steps`; every process must call this.

        Raises:
            UserError: If the state is not finite, or the folder cannot be written.
        """
        names = (BEST, LAST) if best else (LAST,)
        self._write(trainer, model, f"step-{model.steps:06d}.ckpt", names)
        self._last = model.steps
        if trainer.is_global_zero:
            folder = Path(trainer.default_root_dir) / FOLDER
            steps = sorted(folder.glob("step-*.ckpt"), key=step_of)
            for old in [p for p in steps if step_of(p) != model.steps][: len(steps) - self.keep]:
                remove_checkpoint(old)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best value of the run that is resumed."""
        self.best = state_dict["best"]

    def _write(
        self, trainer: pl.Trainer, model: Model, name: str, names: tuple[str, ...] = ()
    ) -> None:
        if self._finite is not None:
            self._finite.check(cast(pl.LightningModule, model), model.steps)
        path = Path(trainer.default_root_dir) / FOLDER / name
        trainer.save_checkpoint(path, storage_options=names)

    def _improved(self, terms: Mapping[str, Tensor]) -> bool:
        if self.metric is None or self.metric not in terms:
            return False
        # A value that an earlier state has left there says nothing about this one.
        if terms[self.metric] is self._measured:
            return False
        self._measured = terms[self.metric]
        value = float(self._measured)
        better = value < self.best if self.mode == "min" else value > self.best
        if better:
            self.best = value
        return better


class WholeFiles(CheckpointIO):
    """Lightning's way to the disk: whole files with a listed hash, and plain values alone."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None  # noqa: ANN401
    ) -> None:  # fmt: skip
        """Write a checkpoint; `storage_options` holds further names of the file."""
        write_checkpoint(checkpoint, Path(path), storage_options or ())

    def load_checkpoint(
        self, path: Any, map_location: Any = None, weights_only: bool | None = None  # noqa: ANN401
    ) -> dict[str, Any]:  # fmt: skip
        """Read a checkpoint on the CPU, from where states are copied to their devices."""
        return read_checkpoint(Path(path))

    def remove_checkpoint(self, path: Any) -> None:  # noqa: ANN401
        """Remove a checkpoint."""
        remove_checkpoint(Path(path))
