"""Engle-Granger: do two integrated series share a stationary spread?"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.adf import adf
from gan_lab.metrics.temporal.mackinnon import ENGLE_GRANGER, mackinnon_p
from gan_lab.metrics.temporal.reason import Reason, finite, masked, series_reason
from gan_lab.metrics.temporal.trend import Trend, detrend

# A pair with less residual variance than this share is one series twice.
_SAME = 100 * 2.0**-26


@dataclass(frozen=True)
class Spread:
    """One test per ordered pair: entry `[b, i, j]` regresses channel i on channel j.

    Attributes:
        statistic: t value of the residual's level, `(b, c, c)`; NaN on the diagonal.
        p_value: A small p speaks for cointegration, `(b, c, c)`.
        hedge_ratio: Slope: units of j that offset one of i, `(b, c, c)`.
        half_life: Steps in which a gap between the two halves, `(b, c, c)`; infinite if it grows.
        reason: Why they are NaN, `(b, c, c)`: `Reason` codes; OK on the diagonal.
    """

    statistic: Float[Tensor, "b c c"]
    p_value: Float[Tensor, "b c c"]
    hedge_ratio: Float[Tensor, "b c c"]
    half_life: Float[Tensor, "b c c"]
    reason: Int[Tensor, "b c c"]


def engle_granger(
    x: Float[Tensor, "b c t"], lags: int = 1, *, trend: Trend = Trend.CONSTANT
) -> Spread:
    r"""ADF without deterministic terms on $e$ of $x_i = d + \beta x_j + e$, for every pair.

    The null is no cointegration. It means something for two channels that are each I(1): see
    `cointegration`. With $e_t = \rho e_{t-1} + u_t$ the half-life is $\ln 2 / {-\ln \rho}$.

    Args:
        x: Windows, `(b, c, t)`; computed in float64.
        lags: Lagged differences in the ADF regression.
        trend: The deterministic terms d.

    Source: Engle and Granger, Econometrica 55, 1987; MacKinnon 1994, table 4 (two series).
    """
    raw = x.double()
    own = series_reason(raw, enough=True)
    values = detrend(finite(raw), trend)
    response, regressor = _pairs(x.shape[1], x.device)
    products = values @ values.mT
    square = products.diagonal(dim1=1, dim2=2)[:, regressor]
    slope = products[:, response, regressor] / square
    residual = values[:, response].addcmul_(slope[..., None], values[:, regressor], value=-1.0)
    total = detrend(finite(raw), min(trend, Trend.CONSTANT)).square().sum(dim=2)
    same = residual.square().sum(dim=2) <= _SAME * total[:, response]
    flat = square == 0
    found = torch.where(same | flat, int(Reason.COLLINEAR), int(Reason.OK))
    found = torch.maximum(torch.maximum(own[:, response], own[:, regressor]), found)
    test = adf(finite(residual), lags, trend=Trend.NONE)
    found = torch.maximum(found, torch.where(found == Reason.OK, test.reason, Reason.OK))
    p = mackinnon_p(test.statistic, ENGLE_GRANGER[trend])
    statistic, p, slope, life = (
        _matrix(masked(v, found), response, regressor, x.shape[1])
        for v in (test.statistic, p, slope, half_life(residual))
    )
    reason = torch.zeros(len(x), x.shape[1], x.shape[1], dtype=torch.int64, device=x.device)
    reason[:, response, regressor] = found
    return Spread(statistic, p, slope, life, reason)


def half_life(residual: Float[Tensor, "*b t"]) -> Float[Tensor, "*b"]:
    r"""Steps in which $e_t = \rho e_{t-1} + u_t$ halves; 0 if $\rho \le 0$, infinite from 1 on.

    >>> half_life(0.5 ** torch.arange(10)).item()
    1.0
    """
    before, now = residual[..., :-1], residual[..., 1:]
    rho = (before * now).sum(dim=-1) / before.square().sum(dim=-1)
    steps = math.log(2) / -rho.clamp(min=0.0).log()
    return torch.where(rho >= 1, torch.inf, steps)


def _pairs(channels: int, device: torch.device) -> tuple[Int[Tensor, " q"], Int[Tensor, " q"]]:
    response, regressor = (~torch.eye(channels, dtype=torch.bool, device=device)).nonzero(
        as_tuple=True
    )
    return response, regressor


def _matrix(
    value: Float[Tensor, "b q"], i: Int[Tensor, " q"], j: Int[Tensor, " q"], channels: int
) -> Float[Tensor, "b c c"]:
    matrix = value.new_full((len(value), channels, channels), float("nan"))
    matrix[:, i, j] = value
    return matrix
