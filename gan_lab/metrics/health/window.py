"""Numbers of a window of signals."""

from collections.abc import Sequence
from operator import attrgetter

from gan_lab.metrics.health.signals import Signals


def series(window: Sequence[Signals], name: str) -> list[float] | None:
    """One signal over the window, or None where it was not measured every time."""
    values = [attrgetter(name)(signals) for signals in window]
    return None if None in values else values


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean."""
    return sum(values) / len(values)


def halves(values: Sequence[float]) -> tuple[float, float]:
    """Means of the first and of the second half.

    >>> halves([1.0, 3.0, 5.0, 7.0])
    (2.0, 6.0)
    """
    middle = len(values) // 2
    return mean(values[:middle]), mean(values[middle:])
