"""The colour part of DiffAugment: brightness, saturation and contrast about the image's mean."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.checks import require_axes, require_between


@dataclass(frozen=True, kw_only=True)
class ColourJitter:
    r"""A constant is added; colours, then contrasts are scaled.

    $$ x \to x + b, \qquad x \to s (x - \bar x_{\text{pixel}}) + \bar x_{\text{pixel}}, \qquad
       x \to k (x - \bar x_{\text{image}}) + \bar x_{\text{image}} $$

    with b, s, k uniform about 0, 1, 1. Saturation leaves grey images as they are. Source: Zhao et
    al., "Differentiable augmentation for data-efficient GAN training", 2020.

    Attributes:
        brightness: Largest constant, either way.
        saturation: Largest change of the factor s from 1.
        contrast: Largest change of the factor k from 1.
    """

    brightness: float = 0.5
    saturation: float = 1.0
    contrast: float = 0.5

    def __post_init__(self) -> None:
        """Check that no factor can be negative."""
        require_between(self, 0.0, 1.0, saturation=self.saturation, contrast=self.contrast)

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw three numbers for each image and apply them."""
        require_axes(x, 2, self)
        signed = (2 * torch.rand(3, len(x), 1, 1, 1, generator=rng) - 1).to(x)
        x = x + self.brightness * signed[0]
        x = _about(x, x.mean(1, keepdim=True), self.saturation * signed[1])
        return _about(x, x.mean((1, 2, 3), keepdim=True), self.contrast * signed[2])


def _about(x: Tensor, centre: Tensor, change: Tensor) -> Tensor:
    """Distances from `centre`, times 1 + `change`."""
    return x + change * (x - centre)
