"""Pixels of 0..255 and the range [-1, 1] that networks see."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from gan_lab.spec import DataSpec


def pixel_spec(
    name: str, channels: int, size: tuple[int, int], classes: tuple[str, ...] = ()
) -> DataSpec:
    """Spec of 8-bit images of `size` (height, width)."""
    return DataSpec(
        name=name,
        modality="images",
        channels=channels,
        spatial=size,
        classes=classes,
        channel_names=("grey",) if channels == 1 else ("red", "green", "blue"),
        scale=(127.5,),
        offset=(127.5,),
        bounds=(0.0, 255.0),
        integer=True,
    )


def to_model_range(pixels: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Map 0..255 to [-1, 1] as float32."""
    return pixels.to(torch.float32).sub_(127.5).div_(127.5)
