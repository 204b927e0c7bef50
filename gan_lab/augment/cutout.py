"""A hole in each image."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.augment.checks import require_axes, require_between


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """A rectangle about a random pixel is filled; it may reach beyond the border.

    Source: DeVries & Taylor, "Improved regularization of convolutional neural networks with
    cutout", 2017; sizes as in Zhao et al., "Differentiable augmentation for data-efficient GAN
    training", 2020.

    Attributes:
        ratio: Sides of the rectangle as shares of height and width.
        fill: What it is filled with, in model range.
    """

    ratio: float = 0.5
    fill: float = 0.0

    def __post_init__(self) -> None:
        """Check the share."""
        require_between(self, 0.0, 1.0, ratio=self.ratio)

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a place for each image and fill it."""
        require_axes(x, 2, self)
        rows, columns = (self._inside(len(x), size, rng) for size in x.shape[2:])
        hole = (rows[:, None, :, None] & columns[:, None, None, :]).to(x.device)
        return x.masked_fill(hole, self.fill)

    def _inside(self, n: int, size: int, rng: torch.Generator) -> Bool[Tensor, "n s"]:
        """Which of `size` places lie in an interval about a random one."""
        length = int(self.ratio * size + 0.5)
        first = torch.randint(size, (n, 1), generator=rng) - length // 2
        place = torch.arange(size)
        return (place >= first) & (place < first + length)
