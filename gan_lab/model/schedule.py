"""Learning-rate schedules: pure functions from the generator step to a factor."""

import math
from dataclasses import dataclass

from gan_lab.errors import UserError


@dataclass(frozen=True)
class Cosine:
    r"""Linear warm-up from 0, then constant, then a half cosine from 1 down to `floor`.

    Attributes:
        total: Generator steps of the whole run; later steps stay at `floor`.
        warmup: Steps of the warm-up.
        start: Step, as a share of `total`, at which the decay begins.
        floor: Factor at the end.
    """

    total: int
    warmup: int = 0
    start: float = 0.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If a step count is negative or a share lies outside [0, 1].
        """
        if self.total < 1 or self.warmup < 0:
            raise UserError("schedule: total must be 1 or more steps, and warmup 0 or more")
        if not (0 <= self.start <= 1 and 0 <= self.floor <= 1):
            raise UserError("schedule: start and floor must lie between 0 and 1")

    def __call__(self, step: int) -> float:
        """Factor for the learning rate at this generator step.

        >>> schedule = Cosine(total=100, start=0.5)
        >>> [round(schedule(step), 2) for step in (0, 50, 75, 100)]
        [1.0, 1.0, 0.5, 0.0]
        """
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        begin = self.start * self.total
        progress = min(1.0, max(0.0, (step - begin) / max(self.total - begin, 1e-8)))
        return warm * (self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * progress)))


def constant(step: int) -> float:
    """Factor 1 at every step."""
    return 1.0
