"""Out of sample: places that held-out rows confirm and training misses; do samples reach them?"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.metrics.neighbours import nearest, radii

SHARE = 0.1


@dataclass(frozen=True)
class Unseen:
    """Held-out rows far from all training rows.

    Attributes:
        missed: Number of held-out rows that training rows miss.
        reached: How many of these have a sample nearer than the nearest training row.
        share: `reached / missed`; NaN if none is missed. Fresh rows reach some by chance: compare
            with as many of them.
    """

    missed: int
    reached: int
    share: float


def unseen_regions(
    *, train: Float[Tensor, "n d"], held_out: Float[Tensor, "m d"], fake: Float[Tensor, "k d"]
) -> Unseen:
    r"""Held-out rows that training misses, and how many of them samples reach.

    A held-out row h is missed if $\min_i \|h - x_i\|$ exceeds what 90 % of the training rows have
    to their nearest other one. A sample y reaches it if $\|h - y\| < \min_i \|h - x_i\|$: there the
    samples say more than the training rows do.

    Args:
        train: Training rows x, `(n, d)`.
        held_out: Held-out rows h, `(m, d)`.
        fake: Samples y, `(k, d)`.

    Raises:
        UserError: If there are fewer than two training rows, or a set is empty.

    >>> train = torch.tensor([[0.0], [1.0], [2.0]])
    >>> unseen_regions(train=train, held_out=train + 3, fake=torch.tensor([[4.5]]))
    Unseen(missed=2, reached=2, share=1.0)
    """
    to_train = nearest(held_out, train).distance[:, 0]
    missed = to_train > far_from_others(train)
    return reach(to_train[missed], held_out[missed], fake)


def far_from_others(train: Float[Tensor, "n d"]) -> float:
    """The distance to the nearest other row that a tenth of the rows exceeds."""
    return float(radii(train, 1).quantile(1 - SHARE))


def reach(
    to_train: Float[Tensor, " m"], missed: Float[Tensor, "m d"], fake: Float[Tensor, "k d"]
) -> Unseen:
    """How many of the missed rows have a sample nearer than their nearest training row."""
    if len(missed) == 0:
        return Unseen(0, 0, torch.nan)
    reached: Bool[Tensor, " m"] = nearest(missed, fake).distance[:, 0] < to_train
    count = int(reached.sum())
    return Unseen(len(missed), count, count / len(missed))
