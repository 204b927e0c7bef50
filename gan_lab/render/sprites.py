"""Small square pictures of samples, to be drawn in place of dots."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from gan_lab.render.images import to_rgb
from gan_lab.spec import DataSpec

SIDE = 32
MOST_PIXELS = 8192
"""Browsers hold textures of 8192 pixels a side, which bounds the picture of all sprites."""


def sprites(x: Float[Tensor, "b c *s"], spec: DataSpec) -> Float[Tensor, "b 3 h h"] | None:
    """Square pictures of equal size in [0, 1], `(b, 3, h, h)`; None for points.

    Images shrink to 32 pixels where they are larger; series become lines, one colour per channel.
    With many samples the side shrinks, so that all of them laid out in a square stay within 8,192
    pixels.

    Args:
        x: Samples in model range, `(b, c, *s)`.
        spec: What they look like.
    """
    if spec.modality == "points":
        return None
    side = sprite_side(len(x))
    if spec.modality == "series":
        return _lines(x, side)
    colour = torch.from_numpy(to_rgb(x, spec)).permute(0, 3, 1, 2).float() / 255
    fits = max(colour.shape[2:]) <= side
    return interpolate(colour, (side, side)) if fits else adaptive_avg_pool2d(colour, side)


def sprite_side(count: int) -> int:
    """Pixels of one sprite's side when `count` of them lie in a square.

    >>> sprite_side(100), sprite_side(100_000)
    (32, 25)
    """
    return max(1, min(SIDE, MOST_PIXELS // max(1, math.ceil(math.sqrt(count)))))


def _lines(x: Float[Tensor, "b c t"], side: int) -> Float[Tensor, "b 3 h h"]:
    """Series as dark lines on white; the range is that of nearly all of them."""
    values = interpolate(x.float(), side, mode="linear", align_corners=True)
    low, high = x.float().flatten()[:1_000_000].quantile(torch.tensor([0.01, 0.99])).tolist()
    height = ((high - values) / max(high - low, 1e-9)).clamp(0, 1) * (side - 1)
    colours = torch.tensor([[0.18, 0.40, 0.56], [0.82, 0.38, 0.24], [0.31, 0.54, 0.36]])
    picture = torch.ones(len(x), 3, side, side)
    level = torch.arange(side, dtype=torch.float32)[None, :, None]
    for channel in range(min(x.shape[1], len(colours))):
        ink = (1 - (level - height[:, channel, None]).abs()).clamp(0, 1)[:, None]
        picture = picture * (1 - ink) + colours[channel].view(1, 3, 1, 1) * ink
    return picture
