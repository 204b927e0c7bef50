"""Why a statistic is NaN."""

from enum import IntEnum

import torch
from jaxtyping import Float, Int
from torch import Tensor


class Reason(IntEnum):
    """A code per statistic; where several hold, the largest is told.

    Attributes:
        OK: The statistic is a number.
        NOT_INTEGRATED: Cointegration is asked of a channel that is not I(1).
        PERFECT_FIT: The regression leaves no residual, so nothing to compare with.
        COLLINEAR: One regressor is a combination of the others, such as a duplicate channel.
        CONSTANT: A series never moves.
        TOO_SHORT: Fewer steps than the regression needs.
        NON_FINITE: A series has NaN or infinity.
    """

    OK = 0
    NOT_INTEGRATED = 1
    PERFECT_FIT = 2
    COLLINEAR = 3
    CONSTANT = 4
    TOO_SHORT = 5
    NON_FINITE = 6


def series_reason(x: Float[Tensor, "*b t"], *, enough: bool) -> Int[Tensor, "*b"]:
    """What is wrong with each series before any test: shape `(*b,)` of `Reason` codes.

    Args:
        x: Series, `(*b, t)`.
        enough: Whether t steps are enough for the test.

    >>> series_reason(torch.tensor([[1.0, 2.0], [3.0, 3.0]]), enough=True)
    tensor([0, 4])
    """
    reason = torch.zeros(x.shape[:-1], dtype=torch.int64, device=x.device)
    reason[(x[..., 1:] == x[..., :-1]).all(dim=-1)] = Reason.CONSTANT
    if not enough:
        reason[...] = Reason.TOO_SHORT
    reason[~x.sum(dim=-1).isfinite()] = Reason.NON_FINITE
    return reason


def finite(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b t"]:
    """`x` with 0 for NaN and infinity; the reason, not the value, tells that they were there."""
    return x if x.sum().isfinite() else x.nan_to_num(0.0, 0.0, 0.0)


def masked(value: Float[Tensor, "*b"], reason: Int[Tensor, "*b"]) -> Float[Tensor, "*b"]:
    """`value` where the reason is OK, NaN elsewhere."""
    return value.masked_fill(reason != Reason.OK, float("nan"))
