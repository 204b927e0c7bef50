r"""Move pixels by an affine map, bilinearly: linear in the image, so differentiable twice.

`torch.nn.functional.grid_sample` is not used: its double backward is missing in older releases.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

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
    height, width = x.shape[2:]
    precise = torch.promote_types(x.dtype, torch.float32)
    inverse = torch.linalg.inv(matrix).to(precise).to(x.device)
    right = torch.arange(width, dtype=precise, device=x.device) - (width - 1) / 2
    down = torch.arange(height, dtype=precise, device=x.device)[:, None] - (height - 1) / 2
    a, b = inverse[:, 0, :, None, None], inverse[:, 1, :, None, None]
    column = a[:, 0] * right + a[:, 1] * down + a[:, 2] + (width - 1) / 2
    row = b[:, 0] * right + b[:, 1] * down + b[:, 2] + (height - 1) / 2
    if fill is None:
        column, row = mirror(column, width), mirror(row, height)
    return _bilinear(x, row, column, fill).to(x.dtype)


def mirror(place: Float[Tensor, "*n"], size: int) -> Float[Tensor, "*n"]:
    """Places on an endless line, reflected at -1/2 and size - 1/2 into [0, size - 1]."""
    folded = size - ((place + 0.5).remainder(2 * size) - size).abs()
    return (folded - 0.5).clamp(0, size - 1)


def _bilinear(
    x: Float[Tensor, "b c h w"],
    row: Float[Tensor, "b h w"],
    column: Float[Tensor, "b h w"],
    fill: float | None,
) -> Float[Tensor, "b c h w"]:
    top, left = row.floor(), column.floor()
    down, right = row - top, column - left
    total = torch.zeros_like(x)
    for row_step, row_weight in ((0, 1 - down), (1, down)):
        for column_step, column_weight in ((0, 1 - right), (1, right)):
            pixel = _pixels(x, top + row_step, left + column_step, fill)
            total = total + (row_weight * column_weight)[:, None] * pixel
    return total


def _pixels(
    x: Float[Tensor, "b c h w"],
    row: Float[Tensor, "b h w"],
    column: Float[Tensor, "b h w"],
    fill: float | None,
) -> Float[Tensor, "b c h w"]:
    """Pixels at whole places; outside, the fill or the nearest pixel."""
    height, width = x.shape[2:]
    inner_row, inner_column = row.clamp(0, height - 1), column.clamp(0, width - 1)
    index = (inner_row * width + inner_column).long().flatten(1)
    found = x.flatten(2).gather(2, index[:, None].expand(-1, x.shape[1], -1)).view_as(x)
    if fill is None:
        return found
    inside = ((inner_row == row) & (inner_column == column))[:, None]
    return torch.where(inside, found, torch.full_like(found, fill))
