"""The truncated normal prior."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.special import ndtr, ndtri

from gan_lab.latent.checks import check_count, check_dim, check_positive, check_psi
from gan_lab.latent.marks import unbroken
from gan_lab.latent.path import coordinate, with_ends


class TruncatedNormal:
    """Independent standard normal coordinates, each conditioned on [-threshold, threshold].

    Source: Brock et al. 2019 (BigGAN), sec. 3.1.
    """

    def __init__(self, dim: int, threshold: float = 2.0) -> None:
        """Set the number of coordinates and their bound.

        Raises:
            UserError: If `dim` is below 1 or `threshold` is not positive.
        """
        self.dim = check_dim(dim)
        self.threshold = check_positive("threshold", threshold)
        self._low = float(ndtr(torch.tensor(-self.threshold, dtype=torch.float64)))
        self._mass = math.erf(self.threshold / math.sqrt(2))

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU by the inverse CDF in float64, `(n, dim)`."""
        share = torch.rand(check_count(n), self.dim, generator=generator, dtype=torch.float64)
        return self._quantile(share).float()

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-density $-\tfrac12(\|z\|^2 + d\log 2\pi) - d \log(2\Phi(c) - 1)$, `(b,)`.

        It is $-\infty$ where a coordinate exceeds the threshold c.
        """
        constant = self.dim * (0.5 * math.log(2 * math.pi) + math.log(self._mass))
        outside = (z.abs() > self.threshold).any(1)
        return (-0.5 * z.square().sum(1) - constant).masked_fill(outside, -torch.inf)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Each coordinate runs through equal shares of its probability, `(b, s, dim)`.

        $$ z(t) = F^{-1}((1-t) F(a) + t F(b)) $$
        """
        steps = t.to(start.device).double()[None, :, None]
        low, high = self._cdf(start.double()), self._cdf(end.double())
        path = self._quantile((1 - steps) * low[:, None] + steps * high[:, None])
        return with_ends(path.to(start.dtype), start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """No step of a path jumps, `(b, s - 1)`."""
        return unbroken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """Coordinates clipped to the threshold."""
        return z.clamp(-self.threshold, self.threshold)

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        r"""Shrink towards the origin, $\psi z$.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        return z * check_psi(psi)

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Set coordinate `index` to each of `values`, clipped to the threshold, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        return coordinate(z, index, self.project(values[None])[0])

    def _cdf(self, x: Float[Tensor, "*s"]) -> Float[Tensor, "*s"]:
        share: Tensor = (ndtr(x) - self._low) / self._mass
        return share

    def _quantile(self, share: Float[Tensor, "*s"]) -> Float[Tensor, "*s"]:
        value: Tensor = ndtri(self._low + share * self._mass)
        return value.clamp(-self.threshold, self.threshold)
