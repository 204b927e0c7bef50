"""Sliced Wasserstein distance: transport in one dimension, averaged over random directions."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def sliced_wasserstein(
    x: Float[Tensor, "n c *s"],
    y: Float[Tensor, "m c *s"],
    *,
    directions: int = 256,
    rng: torch.Generator | None = None,
) -> float:
    r"""$\frac1k \sum_{j=1}^k W_1(\theta_j^\top X, \theta_j^\top Y)$ in float64.

    In one dimension $W_1$ is the mean distance between the sorted values. It is 0 for equal sets;
    two samples of one population stay above 0, so read it beside such a pair.

    Args:
        x: One set, `(n, c, *s)`; each sample is flattened.
        y: The other, of the same size: m = n.
        directions: Number k of random unit vectors.
        rng: Where the directions come from.

    Raises:
        UserError: If the sets differ in size, which would bias the distance.

    Source: Bonneel et al., "Sliced and Radon Wasserstein barycenters of measures", 2015, eq. 8.

    >>> x = torch.tensor([[0.0], [1.0]])
    >>> sliced_wasserstein(x, x + 3)
    3.0
    """
    if x.shape != y.shape:
        raise UserError(f"sliced Wasserstein: sets of {tuple(x.shape)} and {tuple(y.shape)} differ")
    x, y = x.flatten(1).double(), y.flatten(1).double()
    theta = torch.randn(x.shape[1], directions, generator=rng, dtype=torch.float64)
    theta = theta / theta.norm(dim=0)
    gap = (x @ theta).sort(dim=0).values - (y @ theta).sort(dim=0).values
    return float(gap.abs().mean())
