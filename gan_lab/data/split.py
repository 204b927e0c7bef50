"""Which rows are held out: fixed by the data, never by the training seed."""

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
    start: Int[Tensor, " n"], window: int, fraction: float
) -> tuple[Int[Tensor, " a"], Int[Tensor, " b"]]:
    """Hold out the last windows of a series and drop the ones that overlap them.

    A training window that begins at `t` fills steps `t, ..., t + window - 1`; it is kept only if
    it ends before the first held-out window begins, so the two parts share no step.

    Returns:
        Indices of the training windows `(a,)` and of the held-out windows `(b,)`.

    Raises:
        UserError: If no training window is left.
    """
    order = start.argsort(stable=True)
    count = min(max(round(fraction * len(start)), 1), len(start))
    held = order[-count:]
    train = order[start[order] + window <= start[held].min()]
    if len(train) == 0:
        raise UserError(
            f"{len(start)} windows of {window} steps leave none for training once {count} are "
            "held out without overlap; use a shorter data.window or a smaller data.held_out"
        )
    return train, held
