r"""Affine maps of the colours of a pixel.

With c channels and $v = (1, \dots, 1)/\sqrt c$, the axis $v v^\top$ is luma and the rest colour.
Grey images have luma alone: brightness, contrast and the luma flip act on them, hue and saturation
leave them as they are. Source: Karras et al., "Training generative adversarial networks with
limited data", 2020, appendix B.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.checks import require_axes
from gan_lab.augment.matrix import MatrixTransform, normal, uniform
from gan_lab.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Tint(MatrixTransform):
    """An affine map of colours, the same for every pixel of an image."""

    @property
    def kind(self) -> Hashable:
        """All tints are applied together."""
        return Tint

    def transform(
        self, x: Float[Tensor, "b c *s"], matrix: Float[Tensor, "b k k"]
    ) -> Float[Tensor, "b c *s"]:
        """Map the colours of each image."""
        require_axes(x, 2, self)
        return tint(x, matrix)


def tint(x: Float[Tensor, "b c h w"], matrix: Float[Tensor, "b k k"]) -> Float[Tensor, "b c h w"]:
    """Colours mapped by homogeneous matrices, k = c + 1, whose last column is a shift."""
    precise = torch.promote_types(x.dtype, torch.float32)
    matrix = matrix[:, :-1].to(precise).to(x.device)[..., None, None]
    # Sums, not a matrix product: autocast would compute that in half precision.
    return ((matrix[:, :, :-1] * x[:, None]).sum(2) + matrix[:, :, -1]).to(x.dtype)


def colour_map(
    luma: Float[Tensor, " b"], colour: Float[Tensor, " b"], channels: int
) -> Float[Tensor, "b k k"]:
    r"""Matrices of $\mathrm{luma} \cdot v v^\top + \mathrm{colour} \cdot (I - v v^\top)$."""
    axis = torch.full((channels, channels), 1 / channels, dtype=luma.dtype)
    rest = torch.eye(channels, dtype=luma.dtype) - axis
    return _homogeneous(luma[:, None, None] * axis + colour[:, None, None] * rest)


def hue_rotation(angle: Float[Tensor, " b"]) -> Float[Tensor, "b 4 4"]:
    r"""Rotations of RGB about the grey axis: $v v^\top + \cos (I - v v^\top) + \sin [v]_\times$."""
    cross = torch.tensor([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=angle.dtype) / math.sqrt(3)
    matrix = colour_map(torch.ones_like(angle), angle.cos(), 3)
    matrix[:, :3, :3] += angle.sin()[:, None, None] * cross
    return matrix


def _homogeneous(linear: Float[Tensor, "b c c"]) -> Float[Tensor, "b k k"]:
    matrix = torch.eye(linear.shape[1] + 1, dtype=linear.dtype).repeat(len(linear), 1, 1)
    matrix[:, :-1, :-1] = linear
    return matrix


@dataclass(frozen=True, kw_only=True)
class Brightness(Tint):
    """A constant added to all channels.

    Attributes:
        std: Standard deviation of the constant, in model range.
    """

    std: float = 0.2

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """Normal shifts."""
        require_axes(x, 2, self)
        matrix = torch.eye(x.shape[1] + 1, dtype=torch.float64).repeat(len(x), 1, 1)
        matrix[:, :-1, -1] = normal(len(x), self.std, rng)[:, None]
        return matrix


@dataclass(frozen=True, kw_only=True)
class Contrast(Tint):
    """All channels times a factor.

    Attributes:
        std: Standard deviation of the factor's binary logarithm.
    """

    std: float = 0.5

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """Log-normal factors."""
        require_axes(x, 2, self)
        factor = normal(len(x), self.std, rng).exp2()
        return colour_map(factor, factor, x.shape[1])


@dataclass(frozen=True, kw_only=True)
class LumaFlip(Tint):
    """Light and dark exchanged for every other image; colours stay."""

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """Identity or mirror of the luma axis, 1/2 each."""
        require_axes(x, 2, self)
        sign = 1.0 - 2.0 * torch.randint(2, (len(x),), generator=rng).double()
        return colour_map(sign, torch.ones_like(sign), x.shape[1])


@dataclass(frozen=True, kw_only=True)
class Hue(Tint):
    """Rotation of RGB colours about the grey axis by any angle; grey images stay."""

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """Uniform angles.

        Raises:
            UserError: If the images have neither 1 nor 3 channels.
        """
        require_axes(x, 2, self)
        if x.shape[1] not in (1, 3):
            raise UserError(
                f"augment: Hue needs grey or RGB images; these have {x.shape[1]} channels: "
                "leave it out"
            )
        angle = uniform(len(x), -math.pi, math.pi, rng)
        if x.shape[1] == 1:
            return colour_map(torch.ones_like(angle), torch.ones_like(angle), 1)
        return hue_rotation(angle)


@dataclass(frozen=True, kw_only=True)
class Saturation(Tint):
    """Colours, without their luma, times a factor; grey images stay.

    Attributes:
        std: Standard deviation of the factor's binary logarithm.
    """

    std: float = 1.0

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """Log-normal factors."""
        require_axes(x, 2, self)
        factor = normal(len(x), self.std, rng).exp2()
        return colour_map(torch.ones_like(factor), factor, x.shape[1])
