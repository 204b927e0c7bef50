"""p-values of unit-root and cointegration statistics by MacKinnon's response surface."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.temporal.trend import Trend


@dataclass(frozen=True)
class Surface:
    r"""$p = \Phi(\sum_i c_i \tau^i)$, with other coefficients left and right of `star`.

    Attributes:
        lowest: Statistic below which p is 0.
        star: Where the coefficients change.
        highest: Statistic above which p is 1.
        left: $c_0, c_1, c_2$ up to `star`.
        right: $c_0, ..., c_3$ beyond.
    """

    lowest: float
    star: float
    highest: float
    left: tuple[float, ...]
    right: tuple[float, ...]


_INFINITY = float("inf")
# One series.
DICKEY_FULLER = {
    Trend.NONE: Surface(
        -19.04, -1.04, _INFINITY, (0.6344, 1.2378, 0.032496), (0.4797, 0.93557, -0.06999, 0.033066)
    ),
    Trend.CONSTANT: Surface(
        -18.83, -1.61, 2.74, (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)
    ),
    Trend.LINEAR: Surface(
        -16.18, -2.89, 0.7, (3.2512, 1.6047, 0.049588), (2.5261, 0.61654, -0.37956, -0.060285)
    ),
}
# The residual of a regression between two series.
ENGLE_GRANGER = {
    Trend.NONE: Surface(
        -19.62, -1.53, 1.51, (1.9129, 1.3857, 0.035322), (1.5578, 0.8558, -0.2083, -0.033549)
    ),
    Trend.CONSTANT: Surface(
        -18.86, -2.62, 0.92, (2.92, 1.5012, 0.039796), (2.1945, 0.64695, -0.29198, -0.042377)
    ),
    Trend.LINEAR: Surface(
        -21.15, -3.19, 0.63, (3.6646, 1.5419, 0.036448), (2.85, 0.5272, -0.36622, -0.051695)
    ),
}


def mackinnon_p(statistic: Float[Tensor, "*b"], surface: Surface) -> Float[Tensor, "*b"]:
    r"""Probability of a statistic at or below the given one under the null.

    Source: MacKinnon, "Approximate asymptotic distribution functions for unit-root and
    cointegration tests", JBES 12, 1994, tables 3 and 4.

    >>> tau = torch.tensor([-2.86], dtype=torch.float64)
    >>> round(mackinnon_p(tau, DICKEY_FULLER[Trend.CONSTANT]).item(), 3)
    0.05
    """
    quantile = torch.where(
        statistic <= surface.star,
        _polynomial(statistic, surface.left),
        _polynomial(statistic, surface.right),
    )
    p: Tensor = torch.special.ndtr(quantile)
    p = p.masked_fill(statistic > surface.highest, 1.0)
    return p.masked_fill(statistic < surface.lowest, 0.0)


def _polynomial(x: Float[Tensor, "*b"], coefficients: tuple[float, ...]) -> Float[Tensor, "*b"]:
    value = torch.zeros_like(x)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value
