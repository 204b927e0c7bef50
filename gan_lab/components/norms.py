"""Normalisations for any number of spatial axes."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.checks import check_choice

NORMS = ("none", "batch", "instance", "layer", "group", "pixel")
CENTRED = ("batch", "instance")
"""Norms that subtract a mean per channel, so that a bias before them has no effect."""

_BATCH = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d)
_INSTANCE = (None, nn.InstanceNorm1d, nn.InstanceNorm2d)


class PixelNorm(nn.Module):
    r"""Give the channels of every position unit mean square (Karras et al. 2018, sec. 4.2).

    $$ y_c = x_c / \sqrt{\tfrac{1}{C}\sum_k x_k^2 + \epsilon} $$
    """

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b c *s"]:
        """Normalise `(b, c, *s)` over its channels."""
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


def norm_layer(kind: str, channels: int, spatial: int, *, affine: bool = True) -> nn.Module:
    """Normalisation of `channels` channels over `spatial` spatial axes (0, 1 or 2).

    `group` takes the most groups, up to 8, that leave two channels or more in each.

    Raises:
        UserError: If there is no such normalisation for these axes.
    """
    check_choice("norm", kind, NORMS if spatial else tuple(n for n in NORMS if n != "instance"))
    if kind == "batch":
        return _BATCH[spatial](channels, affine=affine)
    if kind == "instance":
        instance = _INSTANCE[spatial]
        assert instance is not None
        return instance(channels, affine=affine)
    if kind in ("layer", "group"):
        groups = 1 if kind == "layer" else math.gcd(8, max(channels // 2, 1))
        return nn.GroupNorm(groups if channels % groups == 0 else 1, channels, affine=affine)
    return PixelNorm() if kind == "pixel" else nn.Identity()
