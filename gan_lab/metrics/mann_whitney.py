"""Mann-Whitney test: do values of one set tend to be smaller than those of another?"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def mann_whitney_z(x: Float[Tensor, " n"], y: Float[Tensor, " m"]) -> float:
    r"""Standardised rank sum of x among both; below 0 when x tends to be smaller.

    $$ z = \frac{U - nm/2}{\sqrt{\frac{nm}{12} \left(N + 1 - \sum_k \frac{t_k^3 - t_k}{N (N-1)}
    \right)}}, \quad N = n + m, $$

    with tie counts $t_k$ and mean ranks. About standard normal when both come from one population
    and each has ten or more; 0 when all values are equal.

    Raises:
        UserError: If a set is empty.

    Source: Mann & Whitney 1947; tie correction of Lehmann, "Nonparametrics", 1975, p. 20.

    >>> mann_whitney_z(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 1.0]))
    0.0
    """
    n, m = len(x), len(y)
    if n == 0 or m == 0:
        raise UserError("Mann-Whitney test: a set is empty")
    _, inverse, count = torch.unique(torch.cat([x, y]), return_inverse=True, return_counts=True)
    ties = count.double()
    rank = (ties.cumsum(0) - (ties - 1) / 2)[inverse]
    u = float(rank[:n].sum()) - n * (n + 1) / 2
    total = n + m
    lost = float((ties**3 - ties).sum()) / (total * (total - 1))
    variance = n * m / 12 * (total + 1 - lost)
    return (u - n * m / 2) / variance**0.5 if variance > 0 else 0.0
