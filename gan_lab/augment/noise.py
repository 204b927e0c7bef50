"""Gaussian noise, for samples of any kind."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.checks import require_between


@dataclass(frozen=True, kw_only=True)
class Noise:
    r"""$x + \sigma \epsilon$ with independent $\epsilon \sim \mathcal N(0, 1)$.

    Attributes:
        std: Strength of the noise, in model range.
        varied: Draw each sample's $\sigma$ as $|\mathcal N(0, \mathrm{std}^2)|$, as ADA does;
            otherwise it is `std`.
    """

    std: float = 0.1
    varied: bool = False

    def __post_init__(self) -> None:
        """Check the strength."""
        require_between(self, 0.0, float("inf"), std=self.std)

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw noise for each element and add it."""
        sigma = torch.full((len(x),) + (1,) * (x.ndim - 1), self.std)
        if self.varied:
            sigma = sigma * torch.randn(sigma.shape, generator=rng).abs()
        return x + (sigma * torch.randn(x.shape, generator=rng)).to(x)
