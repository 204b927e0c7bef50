"""Deterministic terms of a regression, and how to be rid of them."""

from enum import IntEnum

import torch
from jaxtyping import Float
from torch import Tensor

# Differences of a line leave rounding of the level, which is large beside a small slope.
_ROUNDING = 1e-10


class Trend(IntEnum):
    """What the regression holds besides the series; the value is the number of terms."""

    NONE = 0
    CONSTANT = 1
    LINEAR = 2


def detrend(x: Float[Tensor, "*b t"], trend: Trend) -> Float[Tensor, "*b t"]:
    r"""$x - P x$, with $P$ the projection on the constant, or on the constant and time.

    By the theorem of Frisch, Waugh and Lovell a regression of detrended columns has the same
    coefficients and residuals as one that holds the deterministic terms. What is left of a column
    that they explain to rounding is set to 0.

    Source: Lovell, "Seasonal adjustment of economic time series", JASA 58, 1963, sec. 2.

    >>> detrend(torch.tensor([1.0, 3.0, 5.0]), Trend.LINEAR)
    tensor([0., 0., 0.])
    """
    if trend == Trend.NONE:
        return x
    left = x - x.mean(dim=-1, keepdim=True)
    if trend == Trend.LINEAR:
        time = torch.arange(x.shape[-1], dtype=x.dtype, device=x.device)
        time = time - time.mean()
        slope = (left @ time) / time.square().sum()
        left = left - slope[..., None] * time
    scale = x.norm(dim=-1, keepdim=True)
    rounding = left.norm(dim=-1, keepdim=True) <= _ROUNDING * scale
    return left.masked_fill(rounding, 0.0) if rounding.any() else left


def deterministic(rows: Float[Tensor, "b k n"], trend: Trend) -> Float[Tensor, "b d n"]:
    """The terms themselves, as regressors beside `rows`: ones, then time around 0."""
    n = rows.shape[2]
    time = torch.arange(n, dtype=rows.dtype, device=rows.device) - (n - 1) / 2
    terms = torch.stack([torch.ones_like(time), time])[: int(trend)]
    return terms.expand(len(rows), -1, -1)
