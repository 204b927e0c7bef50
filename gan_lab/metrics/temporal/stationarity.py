"""Stationarity profile of windows: two tests with opposite nulls, and the order of integration."""

from dataclasses import dataclass
from enum import IntEnum

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.adf import UnitRoot, adf
from gan_lab.metrics.temporal.kpss import Stationary, kpss
from gan_lab.metrics.temporal.reason import Reason
from gan_lab.metrics.temporal.trend import Trend


class Verdict(IntEnum):
    """What ADF and KPSS say together.

    Attributes:
        UNDEFINED: One of them has no answer.
        STATIONARY: ADF rejects the unit root, KPSS accepts stationarity.
        UNIT_ROOT: ADF accepts, KPSS rejects.
        BOTH: Both reject, as with breaks, long memory or a wrong trend.
        NEITHER: Both accept: too short to tell.
    """

    UNDEFINED = -1
    STATIONARY = 0
    UNIT_ROOT = 1
    BOTH = 2
    NEITHER = 3


@dataclass(frozen=True)
class Stationarity:
    """Both tests for each window and channel.

    Attributes:
        adf: Null of a unit root, `(b, c)`.
        kpss: Null of stationarity, `(b, c)`.
        verdict: `Verdict` codes, `(b, c)`.
        shares: Share of the defined windows with each of the four verdicts, `(c, 4)`.
    """

    adf: UnitRoot
    kpss: Stationary
    verdict: Int[Tensor, "b c"]
    shares: Float[Tensor, "c 4"]


def stationarity(
    x: Float[Tensor, "b c t"],
    lags: int | None = None,
    *,
    trend: Trend = Trend.CONSTANT,
    level: float = 0.05,
) -> Stationarity:
    """Test each channel of each window.

    Args:
        x: Windows that do not overlap, `(b, c, t)`.
        lags: Lagged differences of ADF; `default_lags` if None. KPSS chooses its bandwidth.
        trend: Deterministic terms, a constant or a line.
        level: Significance of both tests.
    """
    lags = default_lags(x.shape[2]) if lags is None else lags
    unit, level_test = adf(x, lags, trend=trend), kpss(x, trend=trend)
    verdict = _verdict(unit, level_test, level)
    counts = torch.stack([(verdict == v).sum(dim=0) for v in range(4)], dim=1)
    return Stationarity(
        unit, level_test, verdict, counts / counts.sum(dim=1, keepdim=True).double()
    )


def integration_order(
    x: Float[Tensor, "b c t"], *, lags: int | None = None, most: int = 2, level: float = 0.05
) -> Int[Tensor, "b c"]:
    """Smallest number of differences after which ADF rejects a unit root.

    Args:
        x: Windows, `(b, c, t)`.
        lags: Lagged differences of ADF; `default_lags` if None.
        most: Largest order tried.
        level: Significance.

    Returns:
        `(b, c)`; `most + 1` where none rejects, -1 where a test before that is undefined.
    """
    lags = default_lags(x.shape[2]) if lags is None else lags
    order = torch.full(x.shape[:2], most + 1, dtype=torch.int64, device=x.device)
    open_ = torch.ones_like(order, dtype=torch.bool)
    for d in range(most + 1):
        test = adf(x.double().diff(n=d, dim=2) if d else x, lags)
        undefined = test.reason != Reason.OK
        order[open_ & undefined] = -1
        order[open_ & (test.p_value < level)] = d
        open_ = open_ & (test.p_value >= level)
    return order


def default_lags(steps: int) -> int:
    """1 up to 64 steps, 2 beyond: enough for short memory, few enough to keep the size.

    >>> default_lags(64), default_lags(65)
    (1, 2)
    """
    return 1 if steps <= 64 else 2


def _verdict(unit: UnitRoot, level_test: Stationary, level: float) -> Int[Tensor, "b c"]:
    moves, wanders = unit.p_value < level, level_test.p_value < level
    verdict = torch.full_like(unit.reason, Verdict.NEITHER)
    verdict[moves & ~wanders] = Verdict.STATIONARY
    verdict[~moves & wanders] = Verdict.UNIT_ROOT
    verdict[moves & wanders] = Verdict.BOTH
    defined = (unit.reason == Reason.OK) & (level_test.reason == Reason.OK)
    verdict[~defined] = Verdict.UNDEFINED
    return verdict
