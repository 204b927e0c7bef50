"""Checkpoints on the generator's clock, never half written."""

import math
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.errors import UserError


class Checkpoints(ClockCallback):
    """Save `checkpoints/step-000500.ckpt` and `last.ckpt` every `every` steps and at the end.

    A checkpoint is written under another name in the same folder, flushed to the disk and then
    renamed, so that a full disk or a kill leaves the previous one as it was.

    Args:
        every: Generator steps between two checkpoints.
        keep: Number of `step-*.ckpt` files that stay; the oldest go first.
        metric: Name of one of the model's `last_terms`; its best checkpoint is kept as `best.ckpt`.
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

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Save when it is time."""
        if every_n(model.steps, self.every):
            self._save(trainer, model.steps, model.last_terms)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Save the last state."""
        if model.steps not in (0, self._last):
            self._save(trainer, model.steps, model.last_terms)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best value of the run that is resumed."""
        self.best = state_dict["best"]

    def _save(self, trainer: pl.Trainer, steps: int, terms: Mapping[str, Tensor]) -> None:
        self._last = steps
        folder = Path(trainer.default_root_dir) / "checkpoints"
        improved = self._improved(terms)
        path = folder / f"step-{steps:06d}.ckpt"
        save_whole(trainer, path)
        if not trainer.is_global_zero:
            return
        copy_whole(path, folder / "last.ckpt")
        if improved:
            copy_whole(path, folder / "best.ckpt")
        for old in sorted(folder.glob("step-*.ckpt"), key=_step)[: -self.keep]:
            if old != path:
                old.unlink()

    def _improved(self, terms: Mapping[str, Tensor]) -> bool:
        if self.metric is None or self.metric not in terms:
            return False
        value = float(terms[self.metric])
        better = value < self.best if self.mode == "min" else value > self.best
        if better:
            self.best = value
        return better


def save_whole(trainer: pl.Trainer, path: Path) -> None:
    """Write the trainer's checkpoint to `path`, or leave `path` as it was.

    Every process must call this; the first one renames.

    Raises:
        UserError: If the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.writing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        trainer.save_checkpoint(temporary)
        if trainer.is_global_zero:
            _flush(temporary)
            os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"checkpoint {path} cannot be written: {error.strerror}") from error
    finally:
        if trainer.is_global_zero:
            temporary.unlink(missing_ok=True)


def copy_whole(source: Path, target: Path) -> None:
    """Give `source` a second name `target`, which always holds a whole file.

    Raises:
        UserError: If the folder cannot be written.
    """
    temporary = target.with_name(f".{target.name}.writing")
    try:
        temporary.unlink(missing_ok=True)
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
            _flush(temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise UserError(f"checkpoint {target} cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))
