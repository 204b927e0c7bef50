"""What kind of series are these? One line per channel, and what to do before learning them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.moments import autocorrelation, excess_kurtosis, skewness
from gan_lab.metrics.temporal.seasonality import season
from gan_lab.metrics.temporal.stationarity import Verdict, integration_order, stationarity

Blocks = Sequence[Float[Tensor, "_ c _"]]
HEAVY, SKEWED = 10.0, 2.0


@dataclass(frozen=True)
class Channel:
    """One channel over all series; where series differ, what most of them say.

    Attributes:
        verdict: What ADF and KPSS say together, in words.
        order: Integration order; -1 where it is undefined, 3 where two differences are not enough.
        adf_p: Median p-value of ADF; small: stationary.
        kpss_p: Median p-value of KPSS; small: not stationary.
        autocorrelation: At lags 1, 2, ..., the mean over the series.
        change_autocorrelation: The same of the changes from step to step.
        period: Steps of a season, or 0.
        season_correlation: Autocorrelation one period later; NaN without a season.
        low: Smallest value.
        high: Largest value.
        skewness: Of all values together.
        kurtosis: Excess kurtosis of all values together.
        suggestion: Name of the transform to begin with.
    """

    verdict: str
    order: int
    adf_p: float
    kpss_p: float
    autocorrelation: tuple[float, ...]
    change_autocorrelation: tuple[float, ...]
    period: int
    season_correlation: float
    low: float
    high: float
    skewness: float
    kurtosis: float
    suggestion: str


def profile(blocks: Blocks, *, lags: int = 10) -> list[Channel]:
    """Look at every channel.

    Args:
        blocks: Series of equal length together, each block `(b, c, t)`; finite values.
        lags: Autocorrelations to compute, fewer where series are short.
    """
    shortest = min(block.shape[2] for block in blocks)
    lags = max(min(lags, shortest - 2), 1)
    tests = [stationarity(block) for block in blocks]
    verdicts = torch.cat([test.verdict for test in tests])
    orders = torch.cat([integration_order(block) for block in blocks])
    adf_p = torch.cat([test.adf.p_value for test in tests])
    kpss_p = torch.cat([test.kpss.p_value for test in tests])
    memory = torch.cat([autocorrelation(b, lags) for b in blocks]).nanmean(dim=0)[:, 1:]
    change = torch.cat([autocorrelation(b.diff(dim=2), lags) for b in blocks]).nanmean(dim=0)
    found = []
    for c in range(blocks[0].shape[1]):
        order = _most(orders[:, c])
        values = torch.cat([block[:, c].flatten() for block in blocks]).double()
        period, at = _season([block[:, c] for block in blocks], order)
        shape = float(skewness(values)), float(excess_kurtosis(values))
        low = float(values.min())
        found.append(
            Channel(
                verdict=Verdict(_most(verdicts[:, c])).name.lower().replace("_", " "),
                order=order,
                adf_p=float(adf_p[:, c].nanmedian()),
                kpss_p=float(kpss_p[:, c].nanmedian()),
                autocorrelation=tuple(memory[c].tolist()),
                change_autocorrelation=tuple(change[c, 1:].tolist()),
                period=period,
                season_correlation=at,
                low=low,
                high=float(values.max()),
                skewness=shape[0],
                kurtosis=shape[1],
                suggestion=suggest(order, low, *shape),
            )
        )
    return found


def suggest(order: int, low: float, skew: float, kurtosis: float) -> str:
    """The transform of a channel that a person would try first.

    Levels that wander are learned as changes, of the logarithm where values are positive; skewed
    positive values as logarithms; heavy tails by their ranks.

    >>> suggest(1, 20.0, 0.3, 1.0), suggest(1, -3.0, 0.0, 0.0), suggest(0, -3.0, 0.0, 40.0)
    ('log_return', 'difference', 'rank_gaussian')
    """
    if order > 0:
        return "log_return" if low > 0 else "difference"
    if low > 0 and skew > SKEWED:
        return "log"
    return "rank_gaussian" if kurtosis > HEAVY else "none"


def suggest_together(channels: Sequence[Channel]) -> str:
    """One transform for a whole table: what suits the most demanding channel."""
    wanted = {channel.suggestion for channel in channels}
    if wanted & {"difference", "log_return"}:
        positive = all(channel.low > 0 for channel in channels)
        return "log_return" if positive else "difference"
    if "log" in wanted and all(channel.low > 0 for channel in channels):
        return "log"
    return "rank_gaussian" if wanted - {"none"} else "none"


def _most(codes: Int[Tensor, " b"]) -> int:
    """The most frequent code; of equally frequent ones, the smallest."""
    counts: Counter[int] = Counter(codes.tolist())
    return min(counts, key=lambda code: (-counts[code], code))


def _season(series: Sequence[Float[Tensor, "_ _"]], order: int) -> tuple[int, float]:
    found = [season(s.double().diff(n=order, dim=1) if order > 0 else s) for s in series]
    period = torch.cat([s.period for s in found])
    most = _most(period)
    at = torch.cat([s.correlation for s in found])[period == most]
    return most, float(at.mean()) if most else float("nan")
