"""Precision, recall, density and coverage: two manifolds of nearest-neighbour balls."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.neighbours import closer_blocks, radii


@dataclass(frozen=True)
class PRDC:
    """How far two sets cover each other.

    Attributes:
        precision: Share of the fake samples inside the ball of some real one.
        recall: Share of the real samples inside the ball of some fake one.
        density: Real balls around a fake sample, divided by k; about 1 for equal populations and
            larger when fakes crowd where reals are dense.
        coverage: Share of the real balls that hold a fake sample.
        k: Neighbour that sets the radius of a ball.
        n_real: Number of real rows.
        n_fake: Number of fake rows.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    k: int
    n_real: int
    n_fake: int


def precision_recall_density_coverage(
    *, real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], k: int = 5, block: int = 1024
) -> PRDC:
    r"""The four shares, with balls of radius $r_k(x)$: the distance to the k-th nearest other row.

    \begin{align}
    \text{precision} &= \mathrm{mean}_j\, 1[\exists i: \|x_i - y_j\| < r_k(x_i)], &
    \text{recall} &= \mathrm{mean}_i\, 1[\exists j: \|x_i - y_j\| < r_k(y_j)], \\
    \text{density} &= \tfrac{1}{km} \textstyle\sum_{ij} 1[\|x_i - y_j\| < r_k(x_i)], &
    \text{coverage} &= \mathrm{mean}_i\, 1[\exists j: \|x_i - y_j\| < r_k(x_i)].
    \end{align}

    Balls are open, as in the authors' code: two sets of one repeated point score 0 everywhere.
    Copies of the real rows score 1 everywhere: read `audit_novelty` beside it.

    Args:
        real: Real features $x$, `(n, d)`.
        fake: Generated features $y$, `(m, d)`.
        k: Neighbour that sets the radius; 5 as in the authors' code.
        block: Rows at a time; memory beside the features grows with `block` times n or m.

    Raises:
        UserError: If a side has no more than k rows.

    Source: Kynkäänniemi et al., "Improved precision and recall metric", 2019; Naeem et al.,
    "Reliable fidelity and diversity metrics for generative models", 2020.

    >>> real = torch.tensor([[0.0], [1.0], [10.0], [11.0]])
    >>> precision_recall_density_coverage(real=real, fake=real[:2] + 0.4, k=1)
    PRDC(precision=1.0, recall=0.5, density=1.5, coverage=0.5, k=1, n_real=4, n_fake=2)
    """
    real_radius, fake_radius = radii(real, k, block=block), radii(fake, k, block=block)
    balls = torch.zeros(len(fake), dtype=torch.long, device=fake.device)
    covered = recalled = 0
    for in_real, in_fake in closer_blocks(
        real, fake, x_radius=real_radius, y_radius=fake_radius, block=block
    ):
        balls += in_real.sum(dim=0)
        covered += int(in_real.any(dim=1).sum())
        recalled += int(in_fake.any(dim=1).sum())
    return PRDC(
        precision=float((balls > 0).double().mean()),
        recall=recalled / len(real),
        density=int(balls.sum()) / (k * len(fake)),
        coverage=covered / len(real),
        k=k,
        n_real=len(real),
        n_fake=len(fake),
    )
