"""Which rows are held out: fixed by the data, never by the training seed."""

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from gan_lab.errors import UserError


def stratified(
    n: int, label: Int[Tensor, " n"] | None, fraction: float, seed: int
) -> tuple[Int[Tensor, " a"], Int[Tensor, " b"]]:
    """Split `n` rows so that every class gives the same share, to within one row.

    Rows are shuffled, put in the order of their classes, and every (1/fraction)-th is held out
    (systematic sampling). A class with a single row stays in training.

    Returns:
        Sorted indices of the training rows `(a,)` and of the held-out rows `(b,)`.

    Raises:
        UserError: If there are fewer than two rows.
    """
    if n < 2:
        raise UserError(f"{n} sample: at least 2 are needed, so that one can be held out; add data")
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    if label is not None:
        order = order[label[order].argsort(stable=True)]
        repeated = label.bincount()[label[order]] > 1
        order = order[repeated] if repeated.any() else order
    count = min(max(round(fraction * len(order)), 1), len(order) - 1)
    position = (torch.arange(count, dtype=torch.float64) + 0.5) * (len(order) / count)
    held = torch.zeros(n, dtype=torch.bool)
    held[order[position.long()]] = True
    return (~held).nonzero().flatten(), held.nonzero().flatten()


def chronological(
    start: Int[Tensor, " n"], window: int, fraction: float, gap: int = 0
) -> tuple[Int[Tensor, " a"], Int[Tensor, " b"]]:
    """Hold out the last windows of a series and drop the ones that overlap them.

    A training window that begins at `t` fills steps `t, ..., t + window - 1`; it is kept only if
    it ends before the first held-out window begins, so the two parts share no step; `gap` steps
    more between them belong to neither.

    Returns:
        Indices of the training windows `(a,)` and of the held-out windows `(b,)`.

    Raises:
        UserError: If no training window is left.
    """
    order = start.argsort(stable=True)
    count = min(max(round(fraction * len(start)), 1), len(start))
    held = order[-count:]
    train = order[start[order] + window + gap <= start[held].min()]
    if len(train) == 0:
        raise UserError(
            f"{len(start)} windows of {window} steps leave none for training once {count} are "
            "held out without overlap; use a shorter data.window, a smaller data.held_out or gap"
        )
    return train, held


@dataclass(frozen=True)
class Shares:
    """How rows are divided.

    Attributes:
        held_out: Share of the rows that is held out, in (0, 1): the last ones of a series.
        validation: Share that is kept for choosing between runs and checkpoints, just before them.
        gap: Steps of a series between two parts that are in none; windows that share a step with
            another part are never used.
    """

    held_out: float = 0.2
    validation: float = 0.0
    gap: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If one is out of range.
        """
        if not 0 < self.held_out < 1:
            raise UserError(
                f"data.held_out is {self.held_out}; expected a share between 0 and 1, such as 0.2"
            )
        if not 0 <= self.validation < 1 - self.held_out:
            raise UserError(
                f"data.validation is {self.validation}; expected 0, or a share that leaves some "
                f"rows beside data.held_out={self.held_out}"
            )
        if isinstance(self.gap, bool) or not isinstance(self.gap, int) or self.gap < 0:
            raise UserError(f"data.gap is {self.gap!r}; expected a whole number of 0 or more")

    @property
    def validation_of_rest(self) -> float:
        """The validation rows as a share of those that are not held out."""
        return self.validation / (1 - self.held_out)


@dataclass(frozen=True)
class Parts:
    """Numbers of the rows of each part; `validation` is empty where its share is 0."""

    train: Int[Tensor, " a"]
    validation: Int[Tensor, " b"]
    held_out: Int[Tensor, " c"]


def random_parts(n: int, label: Int[Tensor, " n"] | None, shares: Shares, seed: int) -> Parts:
    """Divide rows at random, each class in the same shares; the held-out rows come first.

    Raises:
        UserError: If there are too few rows.
    """
    rest, held = stratified(n, label, shares.held_out, seed)
    if not shares.validation:
        return Parts(rest, rest[:0], held)
    of_rest = None if label is None else label[rest]
    train, validation = stratified(len(rest), of_rest, shares.validation_of_rest, seed)
    return Parts(rest[train], rest[validation], held)


def chronological_parts(start: Int[Tensor, " n"], window: int, shares: Shares) -> Parts:
    """Divide windows by time: training, then validation, then what is held out.

    Raises:
        UserError: If no training window is left.
    """
    rest, held = chronological(start, window, shares.held_out, shares.gap)
    if not shares.validation:
        return Parts(rest, rest[:0], held)
    share = shares.validation * len(start) / len(rest)
    train, validation = chronological(start[rest], window, min(share, 1.0), shares.gap)
    return Parts(rest[train], rest[validation], held)
