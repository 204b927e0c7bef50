"""Critical values of Johansen's statistics: from the asymptotic tables, or simulated."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.johansen import johansen
from gan_lab.metrics.temporal.trend import Trend

_LEVELS = (0.10, 0.05, 0.01)
_ELEMENTS = 4_000_000


@dataclass(frozen=True)
class Critical:
    """Values that the statistics exceed with the stated probability under rank r.

    Attributes:
        trace: Of the trace statistic, `(c,)`, entry r for the null of rank r.
        largest: Of the largest-eigenvalue statistic, `(c,)`.
    """

    trace: Float[Tensor, " c"]
    largest: Float[Tensor, " c"]


def asymptotic_critical(
    channels: int, *, level: float = 0.05, trend: Trend = Trend.CONSTANT
) -> Critical:
    r"""For $T \to \infty$; NaN beyond 12 channels. On short windows they reject far too often.

    Raises:
        UserError: If `level` is not tabulated.

    Source: MacKinnon, Haug and Michelis, J. Applied Econometrics 14, 1999, as tabulated in
    statsmodels.

    >>> asymptotic_critical(2).trace.tolist()
    [15.4943, 3.8415]
    """
    from statsmodels.tsa.coint_tables import c_sja, c_sjt

    if level not in _LEVELS:
        raise UserError(f"Johansen: level {level} is not tabulated; use one of {_LEVELS}")
    column, order = _LEVELS.index(level), int(trend) - 1
    trace, largest = (
        [float(table(channels - r, order)[column]) for r in range(channels)]
        for table in (c_sjt, c_sja)
    )
    return Critical(
        torch.tensor(trace, dtype=torch.float64), torch.tensor(largest, dtype=torch.float64)
    )


@lru_cache(maxsize=32)
def simulated_critical(
    channels: int,
    steps: int,
    lags: int = 1,
    *,
    level: float = 0.05,
    trend: Trend = Trend.CONSTANT,
    repeats: int = 4000,
    seed: int = 0,
) -> Critical:
    r"""Quantiles $1 - \text{level}$ of the statistics at this very size.

    The null of rank r is simulated by r channels of white noise and c - r random walks without
    drift, all independent and Gaussian, with the same number of channels, steps and lags as the
    data. The statistic does not depend on how a system is mixed, so for r = 0 this is exact for
    Gaussian walks; for r > 0 a system that returns to equilibrium slowly has other quantiles.

    Args:
        channels: c of the data.
        steps: t of the data.
        lags: Lagged differences of the test.
        level: Probability of exceeding the value.
        trend: Deterministic terms of the test.
        repeats: Simulated windows per null.
        seed: Of the simulation; the same arguments give the same values.
    """
    rng = torch.Generator().manual_seed(seed)
    quantiles = [
        _null(channels, r, steps, lags, trend, repeats, rng).quantile(1 - level, dim=0)
        for r in range(channels)
    ]
    values = torch.stack(quantiles)
    return Critical(values[:, 0], values[:, 1])


def _null(
    channels: int,
    stationary: int,
    steps: int,
    lags: int,
    trend: Trend,
    repeats: int,
    rng: torch.Generator,
) -> Float[Tensor, "n 2"]:
    """Trace and largest-eigenvalue statistics of the null of rank `stationary`."""
    chunk = max(1, min(repeats, _ELEMENTS // (channels * steps)))
    parts = []
    for start in range(0, repeats, chunk):
        n = min(chunk, repeats - start)
        x = torch.randn(n, channels, steps, generator=rng, dtype=torch.float64)
        x[:, stationary:] = x[:, stationary:].cumsum(dim=2)
        test = johansen(x, lags, trend=trend)
        parts.append(torch.stack([test.trace[:, stationary], test.largest[:, stationary]], dim=1))
    return torch.cat(parts)
