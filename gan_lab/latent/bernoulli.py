"""Independent bits as a prior."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.latent.checks import check_count, check_dim, check_psi
from gan_lab.latent.marks import broken, unbroken
from gan_lab.latent.path import coordinate, lerp, switch, with_ends


class Bernoulli:
    r"""Independent coordinates that are 1 with probability `p` and 0 otherwise.

    Args:
        dim: Number of coordinates.
        p: Probability of a 1.
        blend: Whether paths pass between 0 and 1 instead of flipping one bit after the other. What
            lies between is never drawn: it has log-probability $-\infty$.
    """

    def __init__(self, dim: int, p: float = 0.5, *, blend: bool = False) -> None:
        """Set the number of coordinates and their probability.

        Raises:
            UserError: If `dim` is below 1 or `p` is not between 0 and 1.
        """
        self.dim = check_dim(dim)
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 < p < 1:
            raise UserError(f"latent.p is {p!r}; expected a number between 0 and 1")
        self.p, self.blend = float(p), blend

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        return (torch.rand(check_count(n), self.dim, generator=generator) < self.p).float()

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-probability $\sum_i z_i \log p + (1 - z_i) \log(1 - p)$, `(b,)`.

        It is $-\infty$ where a coordinate is neither 0 nor 1.
        """
        p = torch.tensor(self.p, dtype=torch.float64)
        bits = torch.where(z > 0.5, p.log().to(z), (-p).log1p().to(z)).sum(1)
        return bits.masked_fill(((z != 0) & (z != 1)).any(1), -torch.inf)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Flip the bits that differ one after the other, evenly in t, or blend, `(b, s, dim)`."""
        if self.blend:
            return lerp(start, end, t)
        differs = start != end
        rank = differs.cumsum(1) - 0.5
        when = rank / differs.sum(1, keepdim=True).clamp_min(1)
        path = switch(start, end, t.to(start)[None, :, None] >= when[:, None])
        return with_ends(path, start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """Steps on which a bit flips, `(b, s - 1)`; a blend has none."""
        return unbroken(path) if self.blend else broken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The nearer of 0 and 1 in each coordinate."""
        return (z >= 0.5).to(z.dtype)

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        """The latents as they are: between bits there is nothing to shrink towards.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        check_psi(psi)
        return z

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set bit `index` to the nearer of 0 and 1 for each of `values`, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        return coordinate(z, index, (values >= 0.5).to(z))
