"""A batch of images on one sheet."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw
from torch import Tensor

from gan_lab.render.style import INK, MUTED, PAPER, font
from gan_lab.spec import DataSpec

GAP = 2
MARGIN = 12
CELL = 64


def to_rgb(x: Float[Tensor, "b c h w"], spec: DataSpec) -> UInt8[np.ndarray, "b h w 3"]:
    """Colours of images in model range.

    One channel becomes grey, two their mean, and of more than three the first three are shown.
    Images without bounds are stretched to the range of the batch.

    Returns:
        Array `(b, h, w, 3)`.
    """
    y = spec.to_units(x.detach().cpu()).float().nan_to_num()
    low, high = spec.bounds or (float(y.min()), float(y.max()))
    y = ((y - low) / max(high - low, 1e-12) * 255).round().clamp(0, 255).to(torch.uint8)
    if y.shape[1] == 2:
        y = y.float().mean(1, keepdim=True).round().to(torch.uint8)
    y = y[:, :3] if y.shape[1] > 2 else y.expand(-1, 3, -1, -1)
    return y.permute(0, 2, 3, 1).contiguous().numpy()


def image_grid(
    x: Float[Tensor, "b c h w"],
    spec: DataSpec,
    *,
    columns: int | None = None,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    title: str = "",
    cell: int = CELL,
) -> Image.Image:
    """Images row by row, small ones enlarged by a whole factor without smoothing.

    Args:
        x: Images in model range, `(b, c, h, w)`.
        spec: What they look like.
        columns: Images per row; by default the sheet is about square.
        row_labels: One text per row.
        column_labels: One text per column.
        title: Heading.
        cell: Least number of pixels along the longer side of an image.
    """
    pixels = to_rgb(x, spec)
    factor = max(1, math.ceil(cell / max(pixels.shape[1:3])))
    pixels = pixels.repeat(factor, axis=1).repeat(factor, axis=2)
    columns = columns or math.ceil(math.sqrt(len(pixels)))
    rows = math.ceil(len(pixels) / columns)
    height, width = pixels.shape[1] + GAP, pixels.shape[2] + GAP
    left = MARGIN + _text_width(row_labels)
    top = MARGIN + (26 if title else 0) + (18 if column_labels else 0)
    size = (left + columns * width - GAP + MARGIN, top + rows * height - GAP + MARGIN)
    if title:
        size = (max(size[0], round(font(14, bold=True).getlength(title)) + 2 * MARGIN), size[1])
    sheet = Image.new("RGB", size, PAPER)
    for i, picture in enumerate(pixels):
        at = (left + i % columns * width, top + i // columns * height)
        sheet.paste(Image.fromarray(picture), at)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((MARGIN, MARGIN - 3), title, INK, font(14, bold=True))
    for i, text in enumerate(row_labels[:rows]):
        middle = top + i * height + (height - GAP) // 2
        draw.text((left - 10, middle), text, MUTED, font(12), anchor="rm")
    for i, text in enumerate(column_labels[:columns]):
        middle = left + i * width + (width - GAP) // 2
        draw.text((middle, top - 5), text, MUTED, font(11), anchor="ms")
    return sheet


def _text_width(labels: Sequence[str]) -> int:
    return round(max(font(12).getlength(text) for text in labels)) + 12 if labels else 0
