"""Under which changes is a copy still a copy? Shifts, mirror images, lags, level and amplitude."""

from collections.abc import Callable
from functools import partial

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.invariances import View, flipped, shifts, unit_amplitude
from gan_lab.spec import DataSpec

SIDE = 32
LAGS = 3
Look = Callable[[Tensor], Tensor]


def views_of(spec: DataSpec) -> tuple[View, ...]:
    """Changes of a sample that leave it a copy: pixels and mirror images, or time lags."""
    if spec.modality == "images":
        return (*shifts(1, axes=2), flipped)
    return shifts(min(LAGS, spec.spatial[0] // 8), axes=1) if spec.spatial else ()


def words_of(spec: DataSpec) -> str:
    """The views in words, for a receipt."""
    if spec.modality == "images":
        return "values, shifts up to 1, mirrored"
    return f"values, lags up to {min(LAGS, spec.spatial[0] // 8)}" if spec.spatial else "values"


def plain_look(spec: DataSpec) -> Look:
    """What distances are taken of: values, of images at most 32 x 32 cells of them."""
    return thumbnail if spec.modality == "images" else Flatten()


def level_look(spec: DataSpec) -> Look | None:
    """The same without level and amplitude of each channel; None where that leaves nothing."""
    return partial(_levelled, look=plain_look(spec)) if spec.spatial else None


def thumbnail(x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
    """Images of at most 32 x 32 cells, flattened.

    >>> import torch
    >>> thumbnail(torch.zeros(1, 1, 64, 28)).shape
    torch.Size([1, 896])
    """
    height, width = (min(side, SIDE) for side in x.shape[2:])
    fits = (height, width) == tuple(x.shape[2:])
    return (x if fits else adaptive_avg_pool2d(x, (height, width))).flatten(1)


def _levelled(x: Tensor, look: Look) -> Tensor:
    return look(unit_amplitude(x))
