"""The standard normal prior."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.latent.checks import check_count, check_dim, check_psi
from gan_lab.latent.marks import unbroken
from gan_lab.latent.path import coordinate, great_circle


class Normal:
    r"""$N(0, I)$: independent standard normal coordinates.

    Its mass lies in a shell of radius about $\sqrt{d}$, which straight lines leave as d grows
    (White 2016, arXiv 1609.04468), so paths follow great circles.
    """

    def __init__(self, dim: int) -> None:
        """Set the number of coordinates.

        Raises:
            UserError: If `dim` is not a whole number of 1 or more.
        """
        self.dim = check_dim(dim)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        return torch.randn(check_count(n), self.dim, generator=generator)

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-density $-\tfrac12 (\|z\|^2 + d \log 2\pi)$, `(b,)`."""
        return -0.5 * (z.square().sum(1) + self.dim * math.log(2 * math.pi))

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Great circle with linear radius, `(b, s, dim)`."""
        return great_circle(start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """No step of a path jumps, `(b, s - 1)`."""
        return unbroken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The latent itself: every point can be drawn."""
        return z

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        r"""Shrink towards the origin, $\psi z$.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        return z * check_psi(psi)

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set coordinate `index` to each of `values`, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        return coordinate(z, index, values)
