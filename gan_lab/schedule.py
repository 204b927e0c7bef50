"""Numbers that change over training: one declarative form, counted in images or in shares."""

import math
from abc import abstractmethod
from dataclasses import dataclass

from gan_lab.errors import UserError


@dataclass(frozen=True)
class Schedule:
    r"""From `first` to `last` between two points of the run, after a linear warm-up.

    $$ v(t) = \min(1, t / w) \, \bigl(f + (l - f)\, c(s)\bigr), \qquad
       s = \mathrm{clip}\Bigl(\frac{t - b}{e - b}, 0, 1\Bigr) $$

    Time t is the share of the run that is over, or, with `images`, the images shown so far as a
    share of that number; then the schedule does not depend on how long the run is.

    Attributes:
        first: Value at the beginning, f.
        last: Value at the end, l.
        begin: When the change begins, b.
        end: When it is over, e.
        warmup: When the warm-up from 0 is over, w; 0 means none.
        images: Images that make t = 1; None: the whole run.
    """

    first: float
    last: float
    begin: float = 0.0
    end: float = 1.0
    warmup: float = 0.0
    images: float | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If a time is negative or not in order, or a value is not finite.
        """
        if not (0 <= self.begin < self.end and self.warmup >= 0):
            raise UserError(
                f"schedule: begin is {self.begin}, end {self.end}, warmup {self.warmup}; expected "
                "0 <= begin < end and warmup of 0 or more, as shares of the run (1 is its end)"
            )
        if not (math.isfinite(self.first) and math.isfinite(self.last)):
            raise UserError(f"schedule: first is {self.first}, last {self.last}; must be finite")
        if self.images is not None and self.images <= 0:
            raise UserError(f"schedule: images is {self.images}; expected a positive number")

    @abstractmethod
    def curve(self, s: float) -> float:
        """Share of the way from `first` to `last` at share `s` of the time, c(s)."""

    def __call__(self, images: int, share: float) -> float:
        """The value now.

        Args:
            images: Real images shown to the critic so far.
            share: Share of the run that is over, in [0, 1].
        """
        t = share if self.images is None else images / self.images
        s = min(1.0, max(0.0, (t - self.begin) / (self.end - self.begin)))
        warm = min(1.0, t / self.warmup) if self.warmup else 1.0
        return warm * (self.first + (self.last - self.first) * self.curve(s))


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line; with `first` equal to `last`, a constant after its warm-up.

    >>> Linear(first=1.0, last=0.0, begin=0.5)(images=0, share=0.75)
    0.5
    """

    def curve(self, s: float) -> float:
        """The share itself."""
        return s


@dataclass(frozen=True)
class Cosine(Schedule):
    r"""Half a cosine, $c(s) = \tfrac12 (1 - \cos \pi s)$: slow at both ends.

    >>> schedule = Cosine(first=1.0, last=0.0, images=1000.0)
    >>> [round(schedule(images, share=0.0), 2) for images in (0, 250, 500, 1000, 2000)]
    [1.0, 0.85, 0.5, 0.0, 0.0]
    """

    def curve(self, s: float) -> float:
        """Half a cosine."""
        return 0.5 * (1 - math.cos(math.pi * s))


Value = float | int | Schedule


def value_at(value: Value, images: int, share: float) -> float:
    """A number as it is, a schedule at its present value.

    Args:
        value: Number or schedule.
        images: Real images shown to the critic so far.
        share: Share of the run that is over.
    """
    return value(images, share) if isinstance(value, Schedule) else float(value)


def check_value(name: str, value: Value, lowest: float = 0.0) -> None:
    """Check a number, or both ends of a schedule.

    Raises:
        UserError: If it lies below `lowest`; the message calls it `name`.
    """
    ends = (value.first, value.last) if isinstance(value, Schedule) else (value,)
    if min(ends) < lowest:
        raise UserError(f"{name} is {min(ends)}; expected {lowest:g} or more")
