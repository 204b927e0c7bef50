"""Attributes of points: their coordinates and their distance from the origin."""

from jaxtyping import Float
from torch import Tensor


def coordinate(y: Float[Tensor, "b c"], channel: int) -> Float[Tensor, " b"]:
    """One coordinate."""
    return y[:, channel].double()


def radius(y: Float[Tensor, "b c"]) -> Float[Tensor, " b"]:
    """Distance from the origin."""
    distance: Tensor = y.double().norm(dim=1)
    return distance
