"""Penalties that keep a latent where its prior has mass."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.latent import Product
from gan_lab.types import Prior

Penalty = Callable[[Tensor], Tensor]
"""Latents `(b, d)` to one number each, `(b,)`, differentiable; 0 or small is likely."""

DRAWS = 4096
MIDDLE = 0.95
"""Share of the prior's own draws that have no penalty."""


class Typical:
    r"""How far a latent is from the shell that the prior draws from, squared.

    $$ p(z) = \max\Bigl(0, \frac{l - s(z)}{\sigma}, \frac{s(z) - u}{\sigma}\Bigr)^2 $$

    with the surprise $s = -\log p(z)$, its standard deviation $\sigma$ and its central 95 %
    $[l, u]$ among the prior's own draws: what the prior would draw costs nothing. A prior with the
    same density everywhere is measured by $s = \|z\|$, a product part by part; what cannot vary,
    such as a point of a sphere or a category, costs nothing.
    """

    def __init__(self, prior: Prior, n: int = DRAWS, seed: int = 0) -> None:
        """Draw the latents to compare with.

        Args:
            prior: The prior.
            n: Number of draws.
            seed: Seed of the draws.
        """
        parts = prior.priors if isinstance(prior, Product) else (prior,)
        self._sizes = [part.dim for part in parts]
        self._shells = [_Shell(part, n, seed) for part in parts]

    def __call__(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """The penalty of each latent, `(b,)`."""
        parts = zip(self._shells, torch.split(z, self._sizes, 1), strict=True)
        return torch.stack([shell(part) for shell, part in parts]).sum(0)


class Likely:
    r"""Surprise per coordinate, $-\tfrac1d (\log p(z) - \log p(z_0))$, with the centre $z_0$.

    With the mean squared error of m outputs and weight w it gives the most probable latent under
    Gaussian noise of variance $\sigma^2 = w m / (2 d)$. It pulls towards the mode, which for many
    coordinates is far from what the prior draws. Only parts with a density take part.
    """

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self._parts = prior.priors if isinstance(prior, Product) else (prior,)
        self._sizes = [part.dim for part in self._parts]

    def __call__(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """The penalty of each latent, `(b,)`."""
        total = z.new_zeros(len(z))
        for part, piece in zip(self._parts, torch.split(z, self._sizes, 1), strict=True):
            centre = part.log_prob(part.project(torch.zeros_like(piece)))
            value = centre - part.log_prob(piece)
            total = total + torch.where(value.isfinite(), value, torch.zeros_like(value))
        return total / self.prior.dim


class _Shell:
    """One part of a prior: its surprise, or norm, and the range of it among its draws."""

    def __init__(self, prior: Prior, n: int, seed: int) -> None:
        self._prior = prior
        draws = prior.sample(n, torch.Generator().manual_seed(seed))
        surprise = -prior.log_prob(draws).double()
        spread = float(surprise.max() - surprise.min())
        self._by_norm = spread < 1e-9 * max(float(surprise.abs().max()), 1.0)
        value = draws.double().norm(dim=1) if self._by_norm else surprise
        tails = torch.tensor([(1 - MIDDLE) / 2, (1 + MIDDLE) / 2], dtype=torch.float64)
        self._low, self._high = value.quantile(tails).tolist()
        self._std = float(value.std())

    def __call__(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        if self._std <= 1e-5 * max(abs(self._high), 1e-12):
            return z.new_zeros(len(z))
        value = z.norm(dim=1) if self._by_norm else -self._prior.log_prob(z)
        off = torch.maximum(self._low - value, value - self._high).clamp_min(0) / self._std
        # Rounding may put a latent off the support, where there is nothing to follow.
        return torch.where(off.isfinite(), off.square(), torch.zeros_like(off))
