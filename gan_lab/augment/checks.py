"""Tell a user which transform does not fit, and which number is wrong."""

from torch import Tensor

from gan_lab.errors import UserError

_MODALITIES = {0: "points (b, c)", 1: "series (b, c, t)", 2: "images (b, c, h, w)"}


def require_axes(x: Tensor, axes: int, transform: object) -> None:
    """Accept `x` only if it has `axes` spatial axes: 1 for series, 2 for images.

    Raises:
        UserError: If it has not; the message names the transform and what it was given.
    """
    if x.ndim - 2 != axes:
        given = _MODALITIES.get(x.ndim - 2, "samples")
        raise UserError(
            f"augment: {type(transform).__name__} changes {_MODALITIES[axes]}; the data are "
            f"{given} of shape {tuple(x.shape)}: choose transforms of that kind, or augment=none"
        )


def require_between(transform: object, low: float, high: float, **values: float) -> None:
    """Accept the named numbers of a transform only within [low, high].

    Raises:
        UserError: If one lies outside.
    """
    for name, value in values.items():
        if not low <= value <= high:
            raise UserError(
                f"augment: {type(transform).__name__}.{name} is {value}; expected a number from "
                f"{low:g} to {high:g}"
            )
