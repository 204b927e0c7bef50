"""Johansen: how many independent stationary combinations do several series have?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.lagged import lagged
from gan_lab.metrics.temporal.reason import Reason, finite, masked, series_reason
from gan_lab.metrics.temporal.trend import Trend, deterministic, detrend
from gan_lab.metrics.temporal.triangular import collinear, triangular_factor


@dataclass(frozen=True)
class Johansen:
    r"""Statistics of each window; entry r tests the null of rank r (at most r, for the trace).

    Attributes:
        trace: $-n \sum_{i > r} \ln(1 - \lambda_i)$, `(b, c)`.
        largest: $-n \ln(1 - \lambda_{r+1})$, `(b, c)`.
        eigenvalue: Squared canonical correlations $\lambda$, falling, `(b, c)`.
        reason: Why they are NaN, `(b,)`: `Reason` codes.
    """

    trace: Float[Tensor, "b c"]
    largest: Float[Tensor, "b c"]
    eigenvalue: Float[Tensor, "b c"]
    reason: Int[Tensor, " b"]


def johansen(
    x: Float[Tensor, "b c t"], lags: int = 1, *, trend: Trend = Trend.CONSTANT
) -> Johansen:
    r"""Canonical correlations of $\Delta x_t$ with the level, given k lagged differences.

    One triangular factor of [lagged differences, level, $\Delta x$] holds both: with $R_{23}$ the
    level's share of $\Delta x$ and $R_{33}$ the rest, the singular values $s$ of
    $R_{23} R_{33}^{-1}$ give $\lambda = s^2 / (1 + s^2)$ and $-\ln(1 - \lambda) = \ln(1 + s^2)$.

    Args:
        x: Windows, `(b, c, t)`; computed in float64.
        lags: Number k of lagged differences.
        trend: Terms taken out of the series first; with any, a constant is in the regression.

    Source: Johansen, J. Economic Dynamics and Control 12, 1988, eq. 11 and 12.
    """
    channels, steps = x.shape[1], x.shape[2] - 1 - lags
    inner = Trend.NONE if trend == Trend.NONE else Trend.CONSTANT
    regressors = inner + channels * (lags + 1)
    enough = steps >= regressors + channels
    own = series_reason(x.double(), enough=enough).amax(dim=1)
    if not enough:
        nothing = torch.full((len(x), channels), float("nan"), dtype=torch.float64, device=x.device)
        return Johansen(nothing, nothing, nothing, own)
    levels = detrend(finite(x.double()), trend)
    change = levels.diff(dim=2)
    parts = lagged(change, lags).flatten(1, 2), levels[:, :, 1 : steps + 1], change[:, :, lags:]
    rows = torch.cat([deterministic(parts[2], inner), *parts], dim=1)
    r = triangular_factor(rows.mT)
    reason = torch.where(collinear(r, regressors + channels), int(Reason.COLLINEAR), own)
    reason = torch.maximum(reason, own)
    shared = r[:, regressors - channels : regressors, regressors:]
    ratio = _ratio(shared, r[:, regressors:, regressors:], reason)
    largest = steps * ratio.square().log1p()
    trace = largest.flip(1).cumsum(dim=1).flip(1)
    eigenvalue = ratio.square() / (1 + ratio.square())
    wide = reason[:, None].expand_as(trace)
    return Johansen(masked(trace, wide), masked(largest, wide), masked(eigenvalue, wide), reason)


def _ratio(
    shared: Float[Tensor, "b c c"], rest: Float[Tensor, "b c c"], reason: Int[Tensor, " b"]
) -> Float[Tensor, "b c"]:
    """Singular values of shared / rest, falling; where the reason is not OK, of anything."""
    good = (reason == Reason.OK)[:, None, None]
    eye = torch.eye(rest.shape[1], dtype=rest.dtype, device=rest.device)
    rest = torch.where(good, rest, eye)
    shared = torch.where(good, shared, eye)
    matrix = torch.linalg.solve_triangular(rest, shared, upper=True, left=False)
    values: Tensor = torch.linalg.svdvals(matrix)
    return values


def rank(
    statistic: Float[Tensor, "b c"], critical: Float[Tensor, " c"], reason: Int[Tensor, " b"]
) -> Int[Tensor, " b"]:
    """The first r whose null is not rejected, c if every one is, -1 where undefined: `(b,)`.

    Args:
        statistic: `trace` or `largest` of `johansen`, `(b, c)`.
        critical: Critical value of each r, `(c,)`.
        reason: Of `johansen`, `(b,)`.

    Raises:
        UserError: If a critical value is NaN.
    """
    if critical.isnan().any():
        raise UserError("no asymptotic critical values for so many channels; simulate them")
    accepted = (statistic <= critical).to(torch.int64)
    always = torch.ones_like(accepted[:, :1])
    first = torch.cat([accepted, always], dim=1).argmax(dim=1)
    return torch.where(reason == Reason.OK, first, -1)
