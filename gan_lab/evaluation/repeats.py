"""One measurement, repeated on random halves: a value, a floor and an interval for both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from gan_lab.evaluation.score import Interval
from gan_lab.metrics.kernel import T_975

REPEATS = 10


@dataclass(frozen=True)
class Rows:
    """What is known of each of n rows: named tensors that begin with the axis of the rows."""

    parts: Mapping[str, Tensor]

    def __len__(self) -> int:
        """Number of rows."""
        return min(len(part) for part in self.parts.values())

    def __getitem__(self, name: str) -> Tensor:
        """The part of that name."""
        return self.parts[name]

    def __contains__(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self.parts

    def select(self, index: Int[Tensor, " k"]) -> "Rows":
        """The rows at `index`."""
        return Rows({name: part[index] for name, part in self.parts.items()})


Measure = Callable[[Rows, Rows], dict[str, float]]


@dataclass(frozen=True)
class Repeated:
    """A measurement of samples against real rows, and of real rows against real rows.

    Attributes:
        value: Mean of the measurements of samples.
        interval: 95 % interval of the value.
        floor: Mean of the measurements of real rows.
        floor_interval: Range of 95 % of them.
        n: Rows on each side.
        drift: Second half of the history against the first; None where rows have no order.
    """

    value: float
    interval: Interval
    floor: float
    floor_interval: Interval
    n: int
    drift: float | None


def repeated(
    measures: Sequence[Measure],
    *,
    real: Rows,
    fake: Rows,
    seed: int,
    ordered: bool = False,
    repeats: int = REPEATS,
) -> dict[str, Repeated]:
    r"""Measure random halves of the samples and of the real rows, `repeats` times.

    Each time the real rows are parted at random into halves A and B of n rows. Samples are measured
    as $m(A, F)$ with a random half F of them, the floor is $m(A, B)$: the same n on both sides. The
    intervals are mean $\pm t_{.975}$ standard deviations. For a half of the rows, drawn without
    replacement, that deviation estimates the standard error of the same measurement on all rows;
    between A and B it is the spread of the measurement when there is no difference.

    Args:
        measures: Each gives named numbers of two sets of equal size.
        real: Real rows.
        fake: Samples.
        seed: Seed of the halves.
        ordered: Whether the real rows are in the order of time, which gives `drift`.
        repeats: Number of repeats, 2 to 31.

    Source: McCarthy, "Pseudo-replication: half samples", 1969.
    """
    n = min(len(real), len(fake)) // 2
    rng = torch.Generator().manual_seed(seed)
    values: list[dict[str, float]] = []
    floors: list[dict[str, float]] = []
    for _ in range(repeats):
        order = torch.randperm(len(real), generator=rng)
        a, b = real.select(order[:n]), real.select(order[n : 2 * n])
        f = fake.select(torch.randperm(len(fake), generator=rng)[:n])
        values.append(_all(measures, a, f))
        floors.append(_all(measures, a, b))
    drift = _drift(measures, real, n) if ordered else {}
    return {name: _summary(name, values, floors, n, drift.get(name)) for name in values[0]}


def of_seeds(values: Sequence[float], floors: Sequence[float], n: int) -> Repeated:
    r"""A measurement that was repeated with other seeds, 2 to 31 times.

    The interval of the value is that of its mean; that of the floor holds 95 % of single floors.

    Args:
        values: One measurement of samples per seed.
        floors: One of real rows per seed.
        n: Rows on each side.
    """
    value, wide = _interval(list(values))
    floor, floor_interval = _interval(list(floors))
    half = (wide[1] - value) / len(values) ** 0.5
    return Repeated(value, (value - half, value + half), floor, floor_interval, n, None)


def _all(measures: Sequence[Measure], a: Rows, b: Rows) -> dict[str, float]:
    return {name: value for measure in measures for name, value in measure(a, b).items()}


def _drift(measures: Sequence[Measure], real: Rows, n: int) -> dict[str, float]:
    middle = len(real) // 2
    halves = torch.arange(middle), torch.arange(middle, len(real))
    return _all(measures, *(real.select(half[-n:]) for half in halves))


def _summary(
    name: str,
    values: list[dict[str, float]],
    floors: list[dict[str, float]],
    n: int,
    drift: float | None,
) -> Repeated:
    (value, interval), (floor, floor_interval) = (
        _interval([found[name] for found in side]) for side in (values, floors)
    )
    return Repeated(value, interval, floor, floor_interval, n, drift)


def _interval(values: list[float]) -> tuple[float, Interval]:
    x = torch.tensor(values, dtype=torch.float64)
    half = T_975[len(values) - 2] * float(x.std())
    mean = float(x.mean())
    return mean, (mean - half, mean + half)
