"""The uniform prior on a cube."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.latent.checks import check_count, check_dim, check_psi
from gan_lab.latent.marks import unbroken
from gan_lab.latent.path import coordinate, lerp


class Uniform:
    """Uniform on the cube [-1, 1]^d; paths are straight, as a great circle would leave it."""

    def __init__(self, dim: int) -> None:
        """Set the number of coordinates.

        Raises:
            UserError: If `dim` is not a whole number of 1 or more.
        """
        self.dim = check_dim(dim)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        return 2 * torch.rand(check_count(n), self.dim, generator=generator) - 1

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-density $-d \log 2$ inside the cube and $-\infty$ outside, `(b,)`."""
        outside = (z.abs() > 1).any(1)
        inside = torch.full_like(z[:, 0], -self.dim * math.log(2))
        return inside.masked_fill(outside, -torch.inf)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Straight line, which is also the path through each coordinate's CDF, `(b, s, dim)`."""
        return lerp(start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """No step of a path jumps, `(b, s - 1)`."""
        return unbroken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The nearest point of the cube."""
        return z.clamp(-1, 1)

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        r"""Shrink towards the origin, $\psi z$.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        return z * check_psi(psi)

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set coordinate `index` to each of `values`, clipped to the cube, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        return coordinate(z, index, values.clamp(-1, 1))
