"""Kernel distance: unbiased squared MMD with the cubic kernel, and its confidence interval."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError

# 97.5 % points of Student's t with 1, 2, ... 30 degrees of freedom.
T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True)
class KernelDistance:
    """An estimate of the squared maximum mean discrepancy.

    Attributes:
        distance: The estimate; its expectation does not depend on the number of rows, and it may
            be negative when the populations are alike.
        low: Lower end of the 95 % interval.
        high: Upper end.
        n: Rows on each side.
        blocks: Disjoint parts that the interval rests on.
    """

    distance: float
    low: float
    high: float
    n: int
    blocks: int


def polynomial_mmd(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> float:
    r"""Unbiased $\mathrm{MMD}^2$ with $k(x, y) = (x^\top y / d + 1)^3$, in float64.

    $$ \frac{1}{n(n-1)} \sum_{i \ne j} k(x_i, x_j) + \frac{1}{m(m-1)} \sum_{i \ne j} k(y_i, y_j)
    - \frac{2}{nm} \sum_{ij} k(x_i, y_j) $$

    Raises:
        UserError: If a set has fewer than two rows.

    Source: Gretton et al., "A kernel two-sample test", 2012, eq. 3; kernel of Bińkowski et al.,
    "Demystifying MMD GANs", 2018, section 4.

    >>> x = torch.tensor([[0.0], [1.0]])
    >>> polynomial_mmd(x, x)
    -3.5
    """
    if min(len(x), len(y)) < 2:
        raise UserError("kernel distance: each set needs two or more rows")
    x, y = x.double(), y.double()
    within = sum(_off_diagonal_mean(_kernel(part, part)) for part in (x, y))
    return float(within - 2 * _kernel(x, y).mean())


def kernel_distance(
    x: Float[Tensor, "n d"],
    y: Float[Tensor, "m d"],
    *,
    blocks: int = 10,
    rng: torch.Generator | None = None,
) -> KernelDistance:
    """Mean of `polynomial_mmd` over disjoint random blocks of rows, with a 95 % interval.

    The published score draws overlapping subsets, whose spread says nothing about the error of
    their mean. Disjoint blocks are independent, so Student's t holds; 10 blocks of 10,000 rows are
    the published 1,000 rows a piece.

    Args:
        x: One set of features, `(n, d)`.
        y: The other, with m = n.
        blocks: Number of blocks, 2 to 31; each gets n // blocks rows.
        rng: Where the order of the rows comes from.

    Raises:
        UserError: If the sets differ in size, or a block would hold fewer than two rows.

    Source: Zaremba et al., "B-tests", 2013, section 2.
    """
    if len(x) != len(y):
        raise UserError(f"kernel distance: sets of {len(x)} and {len(y)} rows; use as many of each")
    size = len(x) // blocks if 2 <= blocks <= len(T_975) + 1 else 0
    if size < 2:
        raise UserError(
            f"kernel distance: {len(x)} rows in {blocks} blocks; expected 2 to {len(T_975) + 1} "
            "blocks of two or more rows"
        )
    rows = torch.split(torch.randperm(len(x), generator=rng), size)[:blocks]
    columns = torch.split(torch.randperm(len(y), generator=rng), size)[:blocks]
    values = [polynomial_mmd(x[i], y[j]) for i, j in zip(rows, columns, strict=True)]
    estimate = torch.tensor(values, dtype=torch.float64)
    half = T_975[blocks - 2] * float(estimate.std()) / blocks**0.5
    mean = float(estimate.mean())
    return KernelDistance(mean, mean - half, mean + half, len(x), blocks)


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _off_diagonal_mean(kernel: Tensor) -> Tensor:
    n = len(kernel)
    return (kernel.sum() - kernel.trace()) / (n * (n - 1))
