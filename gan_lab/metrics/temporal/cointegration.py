"""Which channels move together in the long run: pairs by Engle-Granger, systems by Johansen."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.engle_granger import Spread, engle_granger
from gan_lab.metrics.temporal.johansen import Johansen, johansen, rank
from gan_lab.metrics.temporal.johansen_critical import simulated_critical
from gan_lab.metrics.temporal.reason import Reason, masked
from gan_lab.metrics.temporal.stationarity import integration_order

# With 24 steps the pair test finds 30 % of what is there, with 64 steps 92 %.
LEAST_STEPS = 64


@dataclass(frozen=True)
class Cointegration:
    """Pairs and systems, window by window.

    Attributes:
        integrated: Which channels take part: those that are I(1), `(c,)`.
        pairs: Engle-Granger on `(c, c)`; NOT_INTEGRATED outside the channels that take part.
        system: Johansen on the channels that take part, k of them.
        rank: Number of stationary combinations by the trace with simulated critical values,
            `(b,)`; -1 where undefined or k < 2.
    """

    integrated: Bool[Tensor, " c"]
    pairs: Spread
    system: Johansen
    rank: Int[Tensor, " b"]


def integrated_channels(x: Float[Tensor, "b c t"], *, level: float = 0.05) -> Bool[Tensor, " c"]:
    """Channels that are I(1) in most windows: only between them is cointegration defined."""
    order = integration_order(x, most=1, level=level)
    return (order == 1).double().mean(dim=0) > 0.5


def cointegration(
    x: Float[Tensor, "b c t"],
    *,
    lags: int = 1,
    level: float = 0.05,
    integrated: Bool[Tensor, " k"] | None = None,
) -> Cointegration:
    """Test every pair and the system of the integrated channels.

    Windows below 64 steps have too little power: everything is then NaN, `Reason.TOO_SHORT`.

    Args:
        x: Windows that do not overlap, `(b, c, t)`.
        lags: Lagged differences in both tests.
        level: Significance of the rank.
        integrated: Channels to use, `(c,)`; `integrated_channels` if None. For generated windows
            give the channels of the real ones.

    Raises:
        UserError: If `integrated` has another length than c.
    """
    if integrated is None:
        integrated = integrated_channels(x, level=level)
    if len(integrated) != x.shape[1]:
        raise UserError(f"integrated names {len(integrated)} channels, the data {x.shape[1]}")
    chosen = integrated.nonzero().flatten()
    pairs = _gated(engle_granger(x, lags), integrated, too_short=x.shape[2] < LEAST_STEPS)
    if x.shape[2] < LEAST_STEPS or len(chosen) < 2:
        ranks = torch.full((len(x),), -1, dtype=torch.int64, device=x.device)
        return Cointegration(integrated, pairs, _undefined(x, len(chosen)), ranks)
    system = johansen(x[:, chosen], lags)
    critical = simulated_critical(len(chosen), x.shape[2], lags, level=level)
    return Cointegration(
        integrated, pairs, system, rank(system.trace, critical.trace.to(x.device), system.reason)
    )


def _gated(pairs: Spread, integrated: Bool[Tensor, " c"], *, too_short: bool) -> Spread:
    outside = ~(integrated[:, None] & integrated).expand_as(pairs.reason)
    outside = outside & ~torch.eye(len(integrated), dtype=torch.bool, device=integrated.device)
    closed = torch.where(outside, int(Reason.NOT_INTEGRATED), int(Reason.OK))
    if too_short:
        closed = torch.full_like(pairs.reason, Reason.TOO_SHORT)
    reason = torch.maximum(pairs.reason, closed)
    return Spread(
        statistic=masked(pairs.statistic, reason),
        p_value=masked(pairs.p_value, reason),
        hedge_ratio=masked(pairs.hedge_ratio, reason),
        half_life=masked(pairs.half_life, reason),
        reason=reason,
    )


def _undefined(x: Float[Tensor, "b c t"], channels: int) -> Johansen:
    too_short = x.shape[2] < LEAST_STEPS
    why = Reason.TOO_SHORT if too_short else Reason.NOT_INTEGRATED
    nothing = torch.full((len(x), channels), float("nan"), dtype=torch.float64, device=x.device)
    reason = torch.full((len(x),), int(why), device=x.device)
    return Johansen(nothing, nothing, nothing, reason)
