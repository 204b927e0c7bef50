r"""Move pixels by an affine map, bilinearly: linear in the image, so differentiable twice."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import grid_sample, pad

from gan_lab.augment.checks import require_axes
from gan_lab.augment.matrix import MatrixTransform


@dataclass(frozen=True, kw_only=True)
class Move(MatrixTransform):
    """An affine map of the plane.

    Attributes:
        fill: Value of pixels that come from outside the image; None mirrors the image there.
    """

    fill: float | None = None

    @property
    def kind(self) -> Hashable:
        """Moves with the same padding are resampled together."""
        return (Move, self.fill)

    def transform(
        self, x: Float[Tensor, "b c *s"], matrix: Float[Tensor, "b 3 3"]
    ) -> Float[Tensor, "b c *s"]:
        """Move each image by its matrix."""
        require_axes(x, 2, self)
        return warp(x, matrix, fill=self.fill)


def warp(
    x: Float[Tensor, "b c h w"], matrix: Float[Tensor, "b 3 3"], *, fill: float | None = None
) -> Float[Tensor, "b c h w"]:
    r"""Image $y(M p) = x(p)$, bilinear between pixels.

    Args:
        x: Images.
        matrix: Homogeneous maps of pixel coordinates $p = (\text{right}, \text{down}, 1)$ whose
            origin is the centre of the image. Whole shifts, flips and quarter turns are exact.
        fill: Value outside the image; None mirrors it at its border, whose pixels count twice.
    """
    precise = torch.promote_types(x.dtype, torch.float32)
    height, width = x.shape[2:]
    right = torch.arange(width, dtype=precise) - (width - 1) / 2
    down = torch.arange(height, dtype=precise) - (height - 1) / 2
    target = torch.stack([*torch.meshgrid(right, down, indexing="xy"), right.new_ones(x.shape[2:])])
    size = right.new_tensor([width, height])
    inverse = torch.linalg.inv(matrix)[:, :2].to(precise)
    inverse[:, :, 2] += (size - 1) / 2
    place = target.flatten(1).T.to(x.device) @ inverse.mT.to(x.device)
    if fill is None:
        place = mirror(place, size.expand(place.shape[1:]).contiguous().to(x.device))
    return read(x.to(precise), place.unflatten(1, (height, width)), fill or 0.0).to(x.dtype)


def mirror(place: Float[Tensor, "*n k"], size: Float[Tensor, "*k"]) -> Float[Tensor, "*n k"]:
    """Places on an endless line, reflected at -1/2 and size - 1/2 into [0, size - 1]."""
    centred = place + (0.5 - size)
    tile = (centred * (0.5 / size)).round_()
    folded = (size - 0.5) - centred.addcmul_(tile, size, value=-2).abs_()
    return folded.clamp_(torch.zeros_like(size), size - 1)


def read(
    x: Float[Tensor, "b c h w"], place: Float[Tensor, "b i j 2"], fill: float
) -> Float[Tensor, "b c i j"]:
    """Values at fractional places (column, row), bilinear; pixels outside have the value `fill`.

    The image gets a frame of `fill` and is enlarged to powers of two: torch measures places in
    units of the image, and only by a power of two do whole places stay whole.
    """
    height, width = x.shape[2:]
    whole = [1 << (size + 1).bit_length() for size in (width, height)]
    framed = pad(x, [1, whole[0] - width - 1, 1, whole[1] - height - 1], value=fill)
    unit = place.new_tensor([2 / n for n in whole]).expand(place.shape[1:]).contiguous()
    values: Tensor = _Read.apply(framed, torch.addcmul(1.5 * unit - 1, place, unit))
    return values


class _Read(Function):
    """`grid_sample` as a function of the image alone: linear, so differentiable at any order."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, grid: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(grid)
        ctx.shape = x.shape
        return grid_sample(x, grid, padding_mode="border", align_corners=False)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        (grid,) = ctx.saved_tensors
        return _Spread.apply(gradient, grid, ctx.shape), None


class _Spread(Function):
    """The transpose of `_Read`."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(grid)
        only_image = [True, False]
        spread: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            y.contiguous(), y.new_empty(shape), grid, 0, 1, False, only_image
        )[0]
        return spread

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        (grid,) = ctx.saved_tensors
        return _Read.apply(gradient, grid), None, None
