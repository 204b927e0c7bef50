"""A mixture of normal distributions as a prior."""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.latent.checks import check_count, check_dim, check_positive, check_psi
from gan_lab.latent.path import coordinate, great_circle, switch, with_ends


class GaussianMixture:
    r"""Equally likely round normals around fixed means at distance `radius` from the origin.

    Up to 2d means are the axes of a seeded rotation and their opposites, first one of each pair;
    more are the corners of a regular polygon in a seeded plane. The default radius is $\sqrt{d}$.
    """

    def __init__(
        self,
        dim: int,
        components: int = 10,
        std: float = 0.25,
        radius: float | None = None,
        seed: int = 0,
    ) -> None:
        """Place the means.

        Raises:
            UserError: If `dim` or `components` is below 1, `std` or `radius` is not positive, or
                one dimension is to hold more than two means.
        """
        self.dim = check_dim(dim)
        if isinstance(components, bool) or not isinstance(components, int) or components < 1:
            raise UserError(f"latent.components is {components!r}; expected 1 or more")
        if dim == 1 and components > 2:
            raise UserError(f"latent.dim is 1, too small for {components} components; use 2")
        self.components = components
        self.std = check_positive("std", std)
        self.radius = math.sqrt(dim) if radius is None else check_positive("radius", radius)
        self.means = self.radius * directions(dim, components, seed)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        chosen = torch.randint(self.components, (check_count(n),), generator=generator)
        return self.means[chosen] + self.std * torch.randn(n, self.dim, generator=generator)

    def component(self, z: Float[Tensor, "b d"]) -> Int[Tensor, " b"]:
        """The most likely component of each latent: the one with the nearest mean, `(b,)`."""
        nearest: Tensor = torch.cdist(z, self.means.to(z)).argmin(1)
        return nearest

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-density $\log \tfrac1k \sum_j N(z; \mu_j, \sigma^2 I)$, `(b,)`."""
        offset = (z[:, None] - self.means.to(z)) / self.std
        constant = self.dim * math.log(self.std * math.sqrt(2 * math.pi))
        each = -0.5 * offset.square().sum(2) - constant
        return each.logsumexp(1) - math.log(self.components)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Great circle about the component's mean, which jumps at t = 1/2, `(b, s, dim)`.

        Between two components there is no path through likely latents, so the offset from the
        mean moves on while the mean changes.
        """
        near, far = self._centre(start), self._centre(end)
        late = (t.to(start.device) >= 0.5)[None, :, None]
        path = great_circle(start - near, end - far, t) + switch(near, far, late)
        return with_ends(path, start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """Steps between two components, `(b, s - 1)`."""
        component = self.component(path.flatten(0, 1)).view(path.shape[:2])
        changed: Tensor = component[:, 1:] != component[:, :-1]
        return changed

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The latent itself: every point can be drawn."""
        return z

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        r"""Shrink towards the mean of the own component, $\mu + \psi (z - \mu)$.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        return torch.lerp(self._centre(z), z, check_psi(psi))

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set coordinate `index` to each of `values`, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        return coordinate(z, index, values)

    def _centre(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        centre: Tensor = self.means.to(z)[self.component(z)]
        return centre


def directions(dim: int, count: int, seed: int) -> Float[Tensor, "k d"]:
    """`count` regularly spread unit vectors, `(count, dim)`, turned by a seeded rotation."""
    rng = torch.Generator().manual_seed(seed)
    frame, _ = torch.linalg.qr(torch.randn(dim, dim, generator=rng, dtype=torch.float64))
    if count <= 2 * dim:
        return torch.cat([frame.T, -frame.T])[:count].float()
    angle = 2 * math.pi * torch.arange(count, dtype=torch.float64) / count
    corners: Tensor = torch.stack([angle.cos(), angle.sin()], 1) @ frame[:, :2].T
    return corners.float()
