"""The uniform prior on a sphere."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.latent.checks import check_count, check_dim, check_psi
from gan_lab.latent.marks import unbroken
from gan_lab.latent.path import coordinate, great_circle, perpendicular, unit, with_ends


class Sphere:
    r"""Uniform on the sphere of radius $\sqrt{d}$, so that a coordinate has variance 1.

    Samples are normalised normals: normalised uniform numbers would crowd the diagonals.
    """

    def __init__(self, dim: int) -> None:
        """Set the number of coordinates; a sphere needs two.

        Raises:
            UserError: If `dim` is not a whole number of 2 or more.
        """
        self.dim = check_dim(dim, minimum=2)
        self.radius = math.sqrt(self.dim)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        return self.project(torch.randn(check_count(n), self.dim, generator=generator))

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-density with respect to area, $\log\Gamma(d/2) - \log(2\pi^{d/2} r^{d-1})$, `(b,)`.

        It is $-\infty$ where the norm is off by more than 1e-4 of the radius.
        """
        half = self.dim / 2
        area = math.log(2) + half * math.log(math.pi) - math.lgamma(half)
        area += (self.dim - 1) * math.log(self.radius)
        off = (z.norm(dim=1) / self.radius - 1).abs() > 1e-4
        return torch.full_like(z[:, 0], -area).masked_fill(off, -torch.inf)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Great circle (slerp), renormalised, `(b, s, dim)`; ends stay as they are given."""
        arc = great_circle(self.project(start), self.project(end), t)
        return with_ends(self.project(arc.flatten(0, 1)).view_as(arc), start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """No step of a path jumps, `(b, s - 1)`."""
        return unbroken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The same direction at the right radius; zero goes to the first pole.

        A latent whose norm is right up to rounding is left as it is.
        """
        wide = z.double()
        pole = torch.zeros_like(wide)
        pole[:, 0] = 1.0
        norm = wide.norm(dim=1, keepdim=True)
        scaled = self.radius * torch.where(norm > 0, unit(wide), pole)
        near = (norm / self.radius - 1).abs() < 4 * torch.finfo(z.dtype).eps
        return torch.where(near, z, scaled.to(z.dtype))

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        """The latents as they are for `psi` = 1; nothing else is defined.

        Raises:
            UserError: If `psi` is not 1.
        """
        if check_psi(psi) != 1:
            raise UserError("a sphere has no centre, so there is no truncation; use truncation=1")
        return z

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set coordinate `index` to each of `values` and rescale the others, `(b, s, dim)`.

        Values are clipped to the radius. At a pole the others have no direction and take the one
        of the next axis.

        Raises:
            UserError: If there is no such coordinate.
        """
        height = values.double().clamp(-self.radius, self.radius)
        rest = coordinate(z.double(), index, torch.zeros(1, dtype=torch.float64))[:, 0]
        axis = torch.zeros_like(rest)
        axis[:, index] = 1.0
        rest = torch.where(rest.norm(dim=1, keepdim=True) > 0, unit(rest), perpendicular(axis))
        scale = (self.radius**2 - height.square()).clamp_min(0).sqrt().to(z.device)
        path = scale[None, :, None] * rest[:, None]
        path[:, :, index] = height.to(z.device)
        return path.to(z.dtype)
