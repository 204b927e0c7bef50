"""End training when a named number no longer gets better, or has gone too far."""

import math
from typing import Any

import pytorch_lightning as pl

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one
from gan_lab.errors import UserError


class EarlyStopping(ClockCallback):
    """Stop after `patience` generator steps without a better value of one of the `last_terms`.

    It reads the number after every step and counts only changes as measurements, whatever their
    interval. Put it after the callback that measures. The best state is that of `Checkpoints` with
    the same metric.

    Args:
        metric: Name, such as `eval/frechet` or `membership/critic_auc`.
        mode: Whether the `min` or the `max` of the metric is best.
        patience: Generator steps without a better value; None waits for `limit` alone.
        limit: Value beyond which to stop at once: above it for `min`, below it for `max`.
        after: Generator steps in which nothing is stopped.

    Raises:
        UserError: If the mode is unknown, a number is below 1, or neither patience nor limit is
            given.
    """

    def __init__(
        self,
        metric: str,
        mode: str = "min",
        patience: int | None = 2000,
        limit: float | None = None,
        after: int = 0,
    ) -> None:
        if mode not in ("min", "max"):
            raise UserError(f"callbacks.early_stopping.mode is {mode!r}; expected min or max")
        if patience is None and limit is None:
            raise UserError("callbacks.early_stopping needs patience or limit; both are null")
        if patience is not None:
            at_least_one("callbacks.early_stopping.patience", patience)
        self.metric, self.mode, self.after = metric, mode, after
        self.patience, self.limit = patience, limit
        self.best, self.best_step, self.reason = math.inf, 0, ""

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Patience counts from here in a new run."""
        self.best_step = max(self.best_step, 0 if math.isfinite(self.best) else model.steps)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Look at the number; the first process decides for all."""
        mine = trainer.is_global_zero and self._over(model)
        if trainer.strategy.reduce_boolean_decision(mine, all=False):
            trainer.should_stop = True

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Say why it stopped, or that nobody has measured what it waits for."""
        if not trainer.is_global_zero:
            return
        if self.reason:
            print(f"stopped early at step {model.steps:,}: {self.reason}")
        elif self.metric not in model.last_terms:
            names = ", ".join(sorted(model.last_terms))
            print(
                f"note: callbacks.early_stopping.metric={self.metric} was never measured; "
                f"terms: {names}"
            )

    def state_dict(self) -> dict[str, Any]:
        """The best value so far, and when it was measured."""
        return {"best": self.best, "best_step": self.best_step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best value of the run that is resumed."""
        self.best, self.best_step = state_dict["best"], state_dict["best_step"]

    def _over(self, model: Model) -> bool:
        if self.metric not in model.last_terms:
            return False
        value = float(model.last_terms[self.metric])
        cost = value if self.mode == "min" else -value
        if cost < self.best:
            self.best, self.best_step = cost, model.steps
        if model.steps <= self.after:
            return False
        if self.limit is not None and cost > (self.limit if self.mode == "min" else -self.limit):
            word = "above" if self.mode == "min" else "below"
            self.reason = f"{self.metric} is {value:.4g}, {word} {self.limit:g}"
            return True
        waited = model.steps - self.best_step
        if self.patience is not None and waited >= self.patience:
            self.reason = (
                f"{self.metric} was last better at step {self.best_step:,} "
                f"({abs(self.best):.4g}); now {value:.4g}"
            )
            return True
        return False
