"""The one clock: generator steps, never Lightning's `global_step`."""

from typing import Any

import pytorch_lightning as pl

from gan_lab.errors import UserError


def every_n(steps: int, every: int) -> bool:
    """Whether something that happens every `every` generator steps is due after `steps`.

    >>> [step for step in range(7) if every_n(step, 3)]
    [3, 6]
    """
    return steps > 0 and steps % every == 0


def require_every(name: str, every: int) -> int:
    """Check an interval.

    Raises:
        UserError: If it is below 1.
    """
    if every < 1:
        raise UserError(f"{name} is {every}; expected 1 generator step or more")
    return every


class StopAfter(pl.Callback):
    """End training when the generator has made `max_steps` steps, and not one later.

    Args:
        max_steps: Number of generator steps, counted over all resumed runs.

    Raises:
        UserError: If it is below 1.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = require_every("trainer.max_steps", max_steps)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> int | None:
        """Skip the step of a resumed run that was already complete."""
        return -1 if self._is_over(trainer, pl_module) else None

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Look at the clock."""
        self._is_over(trainer, pl_module)

    def _is_over(self, trainer: pl.Trainer, model: Any) -> bool:
        over: bool = model.steps >= self.max_steps
        if over:
            trainer.should_stop = True
        return over
