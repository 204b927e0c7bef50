r"""Kernels between samples, in units that do not depend on the number of elements.

Samples are flattened; $m = \|x - y\|^2 / d$ is the mean squared difference of their $d$ elements.
For data in $[-1, 1]$ it lies between 0 and 4, whatever the size of an image or a window, so one set
of bandwidths serves all of them.
"""

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Kernel(Protocol):
    """Similarity of every sample of one set to every sample of another."""

    def __call__(
        self, x: Float[Tensor, "n c *s"], y: Float[Tensor, "m c *s"]
    ) -> Float[Tensor, "n m"]:
        """Similarities."""


def distances(x: Float[Tensor, "n c *s"], y: Float[Tensor, "m c *s"]) -> Float[Tensor, "n m"]:
    r"""Root mean squared difference $\sqrt m$ of every pair, with slope 0 where both are equal."""
    # The matrix-multiplication form would leave 1e-3 between equal samples in float32.
    root = torch.cdist(x.flatten(1), y.flatten(1), compute_mode="donot_use_mm_for_euclid_dist")
    return root / math.sqrt(x[0].numel())


def rbf(
    x: Float[Tensor, "n c *s"],
    y: Float[Tensor, "m c *s"],
    *,
    bandwidths: Sequence[float] = (0.05, 0.1, 0.2, 0.5, 1.0),
) -> Float[Tensor, "n m"]:
    r"""Mean of $\exp(-m / 2 \sigma^2)$ over the bandwidths $\sigma$.

    Args:
        x: Samples, `(n, c, *s)`.
        y: Samples, `(m, c, *s)`.
        bandwidths: $\sigma$, in units of the data.

    Source: Li, Swersky & Zemel, "Generative moment matching networks", 2015, sec. 3.
    """
    squared = distances(x, y).square()
    return torch.stack([(-squared / (2 * s * s)).exp() for s in bandwidths]).mean(0)


def rational_quadratic(
    x: Float[Tensor, "n c *s"],
    y: Float[Tensor, "m c *s"],
    *,
    alphas: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 5.0),
    length: float = 0.2,
) -> Float[Tensor, "n m"]:
    r"""Mean of $(1 + m / 2 \alpha \ell^2)^{-\alpha}$ over the exponents, with heavy tails.

    Args:
        x: Samples, `(n, c, *s)`.
        y: Samples, `(m, c, *s)`.
        alphas: $\alpha$; each is a mixture of all bandwidths, the smaller the heavier its tail.
        length: $\ell$, in units of the data.

    Source: Binkowski et al., "Demystifying MMD GANs", 2018, eq. 6.
    """
    squared = distances(x, y).square()
    kernels = [(1 + squared / (2 * a * length * length)) ** -a for a in alphas]
    return torch.stack(kernels).mean(0)


def negative_distance(
    x: Float[Tensor, "n c *s"], y: Float[Tensor, "m c *s"]
) -> Float[Tensor, "n m"]:
    r"""$-\sqrt m$: no bandwidth at all; its squared MMD is the energy distance.

    Source: Sejdinovic et al., "Equivalence of distance-based and RKHS-based statistics", 2013.
    """
    return -distances(x, y)
