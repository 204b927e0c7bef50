"""How a sample stands among real rows: density of the data around it, distance from training rows.

Both are told as percentiles of held-out rows, which are what a good sample looks like.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.metrics.neighbours import nearest

LOW = 1.0
FAR = 99.0
CROWD = 10


@dataclass(frozen=True, eq=False)
class Standing:
    """Percentiles from 0 to 100 among held-out rows, each 50 for a row like any other.

    Attributes:
        density: Near 0: fewer training rows lie around it than around held-out rows.
        novelty: Near 0: nearer to a training row than held-out rows are; near 100: farther.
        distance: Distance to the nearest training row, `(n,)`.
        row: That training row, `(n,)`.
    """

    density: Float[Tensor, " n"]
    novelty: Float[Tensor, " n"]
    distance: Float[Tensor, " n"]
    row: Int[Tensor, " n"]

    @property
    def sparse(self) -> Bool[Tensor, " n"]:
        """Samples of lower density than 99 % of the held-out rows."""
        return self.density < LOW

    @property
    def copied(self) -> Bool[Tensor, " n"]:
        """Samples nearer to a training row than 99 % of the held-out rows."""
        return self.novelty < LOW


def standing(
    rows: Float[Tensor, "n d"],
    *,
    train: Float[Tensor, "m d"],
    held_out: Float[Tensor, "h d"],
    k: int = CROWD,
) -> Standing:
    r"""Compare rows with held-out ones by their distances to training rows.

    Density is ranked by $-r_k(x)$, the distance to the k-th nearest training row: the order of the
    nearest-neighbour estimate $k / (m V_d r_k^d)$. Novelty is the distance to the nearest one.

    Args:
        rows: Features of samples, `(n, d)`.
        train: Features of training rows.
        held_out: Features of held-out rows.
        k: Neighbour of the density; fewer where there are fewer training rows.

    Raises:
        UserError: If a set is empty or a value is not finite.

    Source: Loftsgaarden & Quesenberry, "A nonparametric estimate of a multivariate density
    function", 1965.
    """
    k = min(k, len(train))
    ours, theirs = nearest(rows, train, k=k), nearest(held_out, train, k=k)
    first, last = ours.distance[:, 0], ours.distance[:, -1]
    return Standing(
        density=100.0 - percentile(last, theirs.distance[:, -1]),
        novelty=percentile(first, theirs.distance[:, 0]),
        distance=first,
        row=ours.index[:, 0],
    )


def percentile(value: Float[Tensor, " n"], among: Float[Tensor, " m"]) -> Float[Tensor, " n"]:
    """Percentile of each value among others, from 0 to 100; ties count half.

    >>> percentile(torch.tensor([0.0, 2.0]), torch.tensor([1.0, 2.0])).tolist()
    [0.0, 75.0]
    """
    ordered = among.sort().values
    low = torch.searchsorted(ordered, value.contiguous())
    high = torch.searchsorted(ordered, value.contiguous(), right=True)
    return (50.0 * (low + high) / len(ordered)).to(value.dtype)
