"""KPSS test: is a series stationary, around a level or around a line?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.reason import Reason, finite, masked, series_reason
from gan_lab.metrics.temporal.trend import Trend, detrend

_LEVELS = (0.10, 0.05, 0.025, 0.01)
_CRITICAL = {
    Trend.CONSTANT: (0.347, 0.463, 0.574, 0.739),
    Trend.LINEAR: (0.119, 0.146, 0.176, 0.216),
}


@dataclass(frozen=True)
class Stationary:
    """One test per series; a small p speaks against stationarity.

    Attributes:
        statistic: Scaled sum of squared partial sums, `(*b,)`, at least 0.
        p_value: Interpolated in the published table, so within [0.01, 0.10], `(*b,)`.
        lags: Bandwidth of the long-run variance, `(*b,)`.
        reason: Why the two are NaN, `(*b,)`: `Reason` codes.
    """

    statistic: Float[Tensor, "*b"]
    p_value: Float[Tensor, "*b"]
    lags: Int[Tensor, "*b"]
    reason: Int[Tensor, "*b"]


def kpss(
    x: Float[Tensor, "*b t"], lags: int | None = None, *, trend: Trend = Trend.CONSTANT
) -> Stationary:
    r"""$\eta = T^{-2} \sum_t S_t^2 / s^2(\ell)$ with $S_t$ the partial sums of the residual.

    $s^2(\ell)$ is the long-run variance with Bartlett weights up to lag $\ell$. The null is
    stationarity around a level (`Trend.CONSTANT`) or a line (`Trend.LINEAR`).

    Args:
        x: Series, `(*b, t)`; computed in float64.
        lags: Bandwidth $\ell$ below t; chosen per series by Hobijn, Franses and Ooms if None.
            `schwert_lags` gives the fixed rule of the paper.
        trend: What stationarity is around.

    Source: Kwiatkowski, Phillips, Schmidt and Shin, J. Econometrics 54, 1992, eq. 10 to 14;
    Hobijn et al., "Generalizations of the KPSS-test for stationarity", 1998.

    >>> noise = torch.randn(2, 200, generator=torch.Generator().manual_seed(0))
    >>> kpss(noise).p_value.tolist()
    [0.1, 0.1]
    """
    flat = x.double().reshape(-1, x.shape[-1])
    steps = flat.shape[1]
    reason = series_reason(flat, enough=steps > (lags or 0) and steps > trend)
    residual = detrend(finite(flat), trend)
    exact = ((residual == 0).all(dim=1)) & (reason == Reason.OK)
    reason[exact] = Reason.PERFECT_FIT
    used = torch.full_like(reason, lags or 0) if lags is not None else _bandwidth(residual)
    partial = residual.cumsum(dim=1).square().sum(dim=1) / steps**2
    statistic = masked(partial / _long_run_variance(residual, used), reason)
    p = _interpolated(statistic, _CRITICAL[trend])
    shape = x.shape[:-1]
    return Stationary(
        statistic.reshape(shape), p.reshape(shape), used.reshape(shape), reason.reshape(shape)
    )


def _covariance(residual: Float[Tensor, "b t"], lag: int) -> Float[Tensor, " b"]:
    steps = residual.shape[1]
    return (residual[:, lag:] * residual[:, : steps - lag]).sum(dim=1) / steps


def _bandwidth(residual: Float[Tensor, "b t"]) -> Int[Tensor, " b"]:
    steps = residual.shape[1]
    level = _covariance(residual, 0)
    slope = torch.zeros_like(level)
    for lag in range(1, int(steps ** (2 / 9)) + 1):
        covariance = 2 * _covariance(residual, lag)
        level, slope = level + covariance, slope + lag * covariance
    width: Tensor = 1.1447 * (slope / level).square() ** (1 / 3) * steps ** (1 / 3)
    return width.nan_to_num(0.0, 0.0, 0.0).clamp(max=float(steps - 1)).long()


def _long_run_variance(
    residual: Float[Tensor, "b t"], lags: Int[Tensor, " b"]
) -> Float[Tensor, " b"]:
    variance = _covariance(residual, 0)
    for lag in range(1, min(int(lags.max()), residual.shape[1] - 1) + 1):
        weight = (1 - lag / (lags.double() + 1)).clamp_min(0)
        variance = variance + 2 * weight * _covariance(residual, lag)
    return variance


def _interpolated(
    statistic: Float[Tensor, " b"], critical: tuple[float, ...]
) -> Float[Tensor, " b"]:
    """Piecewise linear through the table, constant beyond its ends."""
    table = torch.tensor(critical, dtype=statistic.dtype, device=statistic.device)
    level = torch.tensor(_LEVELS, dtype=statistic.dtype, device=statistic.device)
    right = torch.searchsorted(table, statistic).clamp(1, len(critical) - 1)
    share = (statistic - table[right - 1]) / (table[right] - table[right - 1])
    return level[right - 1] + share.clamp(0, 1) * (level[right] - level[right - 1])
