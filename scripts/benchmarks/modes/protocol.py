"""How modes are counted: points by distance, stacked digits by a classifier."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from recipes import BOARDS, Board
from torch import Tensor

from gan_lab.data import DataModule
from gan_lab.data.points import Points
from gan_lab.data.stacked_mnist import StackedMNIST
from gan_lab.metrics.modes import ModeReport, class_modes, mode_report
from gan_lab.model.classifier import FittedClassifier, fit_classifier

PART = 500
SCORING_SEED = 10_000  # apart from the seeds of training

Draw = Callable[[int, torch.Generator], Tensor]


class Counter(ABC):
    """Counts the modes of samples in model range, and draws real ones."""

    @abstractmethod
    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """Fresh real samples `(n, c, *s)` in model range."""

    @abstractmethod
    def count(self, samples: Tensor) -> ModeReport:
        """The report of samples `(n, c, *s)`."""

    @property
    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What a reader has to know of the judge."""


class PointModes(Counter):
    """Within three standard deviations of a centre; fresh points come from the population."""

    def __init__(self, data: Points) -> None:
        self.data = data

    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """Draw from the population."""
        return self.data.spec.from_units(self.data.draw(n, rng)[0])

    def count(self, samples: Tensor) -> ModeReport:
        """Each point at its nearest centre."""
        assert self.data.modes is not None
        return mode_report(self.data.spec.to_units(samples), self.data.modes, self.data.std)

    @property
    def facts(self) -> dict[str, Any]:
        """Radius of high quality."""
        return {"std": self.data.std}


class StackedModes(Counter):
    """A classifier of single digits reads each colour; real rows are stacked from held-out digits.

    The classifier learns from the digits that the generator was trained on.
    """

    def __init__(self, data: StackedMNIST) -> None:
        self.data = data
        self.judge = judge_of_digits(data.split_seed, data.held_out_share)

    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """Three random held-out digits for each row."""
        digits = self.data.digits.held_out.x
        return digits[torch.randint(len(digits), (n, 3), generator=rng)].squeeze(2)

    def count(self, samples: Tensor) -> ModeReport:
        """Mode 100 r + 10 g + b of each image."""
        digit = [self.judge.probabilities(samples[:, c : c + 1]).argmax(1) for c in range(3)]
        return class_modes(100 * digit[0] + 10 * digit[1] + digit[2], 1000)

    @property
    def facts(self) -> dict[str, Any]:
        """How often the judge is right."""
        return {"judge_accuracy": self.judge.accuracy, "judge_held_out": self.judge.held_out}


COUNTERS: dict[str, Callable[[Any], Counter]] = {
    "grid": PointModes,
    "ring": PointModes,
    "stacked_mnist": StackedModes,
}


@cache
def judge_of_digits(split_seed: int, held_out: float) -> FittedClassifier:
    """The classifier of grey digits, trained once a process and always alike."""
    from gan_lab.data.mnist5k import MNIST5k

    digits = MNIST5k(held_out=held_out, split_seed=split_seed)
    digits.setup()
    return fit_classifier(digits.train, digits.held_out)


def counter_of(data: str, module: DataModule) -> Counter:
    """The counter of a data set."""
    return COUNTERS[data](module)


def score(data: str, counter: Counter, draw: Draw, seed: int) -> dict[str, Any]:
    """Mean over disjoint draws: modes, share of high quality, KL; and whether all were complete.

    The KL is None where a draw holds no sample of high quality.

    Args:
        data: Word of the data set, which fixes number and size of the draws.
        counter: Counts the modes.
        draw: Number and random generator to samples in model range.
        seed: Seed of the run; the samples have a seed of their own that follows from it.
    """
    board = BOARDS[data]
    rng = torch.Generator().manual_seed(SCORING_SEED + seed)
    reports = [counter.count(draw(board.n, rng)) for _ in range(board.draws)]
    kl = _mean([report.kl for report in reports])
    return {
        "modes": _mean([report.covered for report in reports]),
        "fewest": min(report.covered for report in reports),
        "complete": all(report.covered == board.modes for report in reports),
        "high_quality": _quality(board, reports),
        "kl": None if math.isnan(kl) else kl,
    }


def _quality(board: Board, reports: list[ModeReport]) -> float | None:
    return _mean([report.high_quality for report in reports]) if board.rejects else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
