"""Augmented Dickey-Fuller test: does a series have a unit root?"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.lagged import lagged
from gan_lab.metrics.temporal.mackinnon import DICKEY_FULLER, mackinnon_p
from gan_lab.metrics.temporal.reason import finite, masked, series_reason
from gan_lab.metrics.temporal.trend import Trend, deterministic, detrend
from gan_lab.metrics.temporal.triangular import regression_reason, triangular_factor


@dataclass(frozen=True)
class UnitRoot:
    """One test per series; a small p speaks against a unit root, that is for stationarity.

    Attributes:
        statistic: t value of the level, `(*b,)`.
        p_value: MacKinnon's approximation, `(*b,)`.
        lags: Lagged differences in the regression, `(*b,)`.
        reason: Why the two are NaN, `(*b,)`: `Reason` codes.
    """

    statistic: Float[Tensor, "*b"]
    p_value: Float[Tensor, "*b"]
    lags: Int[Tensor, "*b"]
    reason: Int[Tensor, "*b"]


def adf(x: Float[Tensor, "*b t"], lags: int = 1, *, trend: Trend = Trend.CONSTANT) -> UnitRoot:
    r"""Test $\gamma = 0$ in $\Delta x_t = d_t + \gamma x_{t-1} + \sum_i \phi_i \Delta x_{t-i}$.

    The statistic is the t value of $\gamma$; the null is a unit root. Keep `lags` fixed when sets
    are compared: a lag chosen per series makes the test reject three times too often on windows
    of 24 steps.

    Args:
        x: Series, `(*b, t)`; computed in float64.
        lags: Number of lagged differences.
        trend: The deterministic terms $d_t$.

    Source: Said and Dickey, Biometrika 71, 1984; MacKinnon 1994 for the p-values.

    >>> walk = torch.randn(2, 100, generator=torch.Generator().manual_seed(0)).cumsum(1)
    >>> (adf(walk).p_value > 0.05).tolist()
    [True, True]
    """
    flat = x.double().reshape(-1, x.shape[-1])
    used = torch.full((len(flat),), lags, device=x.device)
    statistic, reason = _dickey_fuller(flat, lags, trend)
    return _result(x, statistic, used, reason, trend)


def adf_by_aic(
    x: Float[Tensor, "*b t"], most_lags: int | None = None, *, trend: Trend = Trend.CONSTANT
) -> UnitRoot:
    r"""`adf` with the number of lags, per series, that minimises Akaike's criterion.

    The criterion $n \ln \mathrm{RSS}_p + 2p$ is compared over one common sample.

    Args:
        x: Series, `(*b, t)`; computed in float64.
        most_lags: Largest number tried; `schwert_lags`, capped at what t allows, if None.
        trend: The deterministic terms.

    Source: Akaike, IEEE TAC 19, 1974; Schwert, JBES 7, 1989, for the bound.
    """
    flat = x.double().reshape(-1, x.shape[-1])
    allowed = x.shape[-1] // 2 - trend - 1
    most = max(min(schwert_lags(x.shape[-1]), allowed), 0) if most_lags is None else most_lags
    used = torch.zeros(len(flat), dtype=torch.int64, device=x.device)
    if _enough(x.shape[-1], most, trend):
        used = _best_lags(flat, most, trend)
    statistic = torch.full((len(flat),), float("nan"), dtype=torch.float64, device=x.device)
    reason = torch.zeros_like(used)
    for lags in sorted(set(used.tolist())):
        rows = used == lags
        statistic[rows], reason[rows] = _dickey_fuller(flat[rows], lags, trend)
    return _result(x, statistic, used, reason, trend)


def schwert_lags(steps: int) -> int:
    r"""Schwert's rule, $\lceil 12 (T/100)^{1/4} \rceil$.

    >>> schwert_lags(100)
    12
    """
    return math.ceil(12 * math.sqrt(math.sqrt(steps / 100)))


def _enough(steps: int, lags: int, trend: Trend) -> bool:
    return lags <= steps // 2 - trend - 1 and steps - 2 - 2 * lags - trend > 0


def _columns(
    x: Float[Tensor, "b t"], lags: int, trend: Trend
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Deterministic terms, level, lagged differences and the difference."""
    x = detrend(finite(x), trend)
    change = x.diff(dim=1)
    level = x[:, None, lags:-1]
    return deterministic(level, trend), level, lagged(change, lags), change[:, None, lags:]


def _dickey_fuller(
    x: Float[Tensor, "b t"], lags: int, trend: Trend
) -> tuple[Float[Tensor, " b"], Int[Tensor, " b"]]:
    enough = _enough(x.shape[1], lags, trend)
    reason = series_reason(x, enough=enough)
    if not enough:
        return torch.full_like(x[:, 0], float("nan")), reason
    terms, level, past, target = _columns(x, lags, trend)
    r = triangular_factor(torch.cat([terms, past, level, target], dim=1).mT)
    freedom = target.shape[2] - (r.shape[2] - 1)
    reason = torch.maximum(reason, regression_reason(r))
    return masked(r[:, -2, -1] / r[:, -1, -1] * math.sqrt(freedom), reason), reason


def _best_lags(x: Float[Tensor, "b t"], most: int, trend: Trend) -> Int[Tensor, " b"]:
    columns = _columns(x, most, trend)
    r = triangular_factor(torch.cat(columns, dim=1).mT)
    squares = r[:, trend + 1 :, -1].square()
    residual = squares.flip(1).cumsum(dim=1).flip(1)
    penalty = 2 * torch.arange(most + 1, device=x.device)
    return (columns[-1].shape[2] * residual.log() + penalty).argmin(dim=1)


def _result(
    x: Float[Tensor, "*b t"],
    statistic: Float[Tensor, " n"],
    used: Int[Tensor, " n"],
    reason: Int[Tensor, " n"],
    trend: Trend,
) -> UnitRoot:
    p = mackinnon_p(statistic, DICKEY_FULLER[trend])
    shape = x.shape[:-1]
    return UnitRoot(
        statistic.reshape(shape), p.reshape(shape), used.reshape(shape), reason.reshape(shape)
    )
