"""Dynamics of windows: what each window shows, and how far two sets of windows differ in it."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.repeats import Measure, Rows
from gan_lab.metrics.features.characteristics import characteristics
from gan_lab.metrics.marginals import marginals
from gan_lab.metrics.temporal.cointegration import LEAST_STEPS, cointegration, integrated_channels
from gan_lab.metrics.temporal.graph import compare_graphs, granger_graph
from gan_lab.metrics.temporal.moments import autocorrelation, cross_correlation, leverage
from gan_lab.metrics.temporal.spectrum import periodogram
from gan_lab.metrics.temporal.stationarity import stationarity

LEVEL = 0.05
MOST_LAGS = 10
GRANGER_LAG = 1
SHORTEST = 8
PATH, CHARACTERISTICS = "path", "characteristics"

MEANINGS = {
    "acf": Meaning("dynamics", "lower", "acf"),
    "acf_size": Meaning("dynamics", "lower", "acf_size"),
    "acf_square": Meaning("dynamics", "lower", "acf_square"),
    "cross_correlation": Meaning("dynamics", "lower", "cross_correlation"),
    "leverage": Meaning("dynamics", "lower", "leverage"),
    "spectrum": Meaning("dynamics", "lower", "spectrum"),
    "stationarity": Meaning("dynamics", "lower", "stationarity"),
    "characteristics": Meaning("dynamics", "lower", CHARACTERISTICS, most=1.0),
    "granger_strength": Meaning("dynamics", "lower", PATH),
    "granger_f1": Meaning("dynamics", "higher", PATH, most=1.0),
    "cointegrated_pairs": Meaning("dynamics", "lower", "cointegrated"),
    "cointegration_rank": Meaning("dynamics", "lower", "rank"),
}
PLAIN = ("acf", "acf_size", "acf_square", "cross_correlation", "leverage", "stationarity")


@dataclass(frozen=True)
class Windows:
    """What each window shows, for real and for generated windows alike.

    Attributes:
        integrated: Channels that take part in cointegration, `(c,)`: those of the real windows.
        lags: Largest lag of the correlations.
    """

    integrated: Bool[Tensor, " c"]
    lags: int

    @classmethod
    def of(cls, real: Float[Tensor, "n c t"]) -> "Windows":
        """Choose the lags, and the channels that are I(1), by the real windows."""
        return cls(integrated_channels(real), min(MOST_LAGS, max(1, real.shape[2] // 3)))

    @property
    def tests_cointegration(self) -> bool:
        """Whether two channels or more are I(1)."""
        return int(self.integrated.sum()) > 1

    def rows(self, x: Float[Tensor, "n c t"]) -> Rows:
        """Every statistic of single windows, computed once."""
        size, square = x.abs(), x.double().square()
        codes = stationarity(x, level=LEVEL).verdict
        parts = {
            PATH: x,
            "acf": autocorrelation(x, self.lags)[..., 1:],
            "acf_size": autocorrelation(size, self.lags)[..., 1:],
            "acf_square": autocorrelation(square, self.lags)[..., 1:],
            "cross_correlation": cross_correlation(x, self.lags),
            "leverage": leverage(x, self.lags)[..., 1:],
            CHARACTERISTICS: characteristics(x).flatten(1),
            "spectrum": periodogram(x)[..., 1:],
            "stationarity": (codes[..., None] == torch.arange(4)).double(),
        }
        if self.tests_cointegration and x.shape[2] >= LEAST_STEPS:
            found = cointegration(x, integrated=self.integrated, level=LEVEL)
            p = found.pairs.p_value
            parts["cointegrated"] = (p < LEVEL).double().masked_fill(p.isnan(), torch.nan)
            ranks = torch.arange(int(self.integrated.sum()) + 1)
            parts["rank"] = (found.rank[:, None] == ranks).double()
        return Rows(parts)


def of_windows(a: Rows, b: Rows) -> dict[str, float]:
    """Mean absolute difference of what the windows show on average, per statistic."""
    found = {name: _difference(a[name], b[name]) for name in PLAIN}
    found["characteristics"] = _largest_gaps(a[CHARACTERISTICS], b[CHARACTERISTICS])
    found["spectrum"] = _log_ratio(a["spectrum"], b["spectrum"])
    for name, part in (("cointegrated_pairs", "cointegrated"), ("cointegration_rank", "rank")):
        if part in a and part in b:
            found[name] = _difference(a[part], b[part])
    return found


def of_graphs(lag: int = GRANGER_LAG) -> Measure:
    """How far the Granger graphs of two sets of windows agree; not at all if none is defined."""

    def measure(a: Rows, b: Rows) -> dict[str, float]:
        agreement = compare_graphs(granger_graph(a[PATH], lag), granger_graph(b[PATH], lag))
        if agreement.pairs == 0:
            return {"granger_strength": 1.0, "granger_f1": 0.0}
        return {"granger_strength": agreement.strength_gap, "granger_f1": agreement.f1}

    return measure


def _difference(a: Tensor, b: Tensor) -> float:
    """Mean absolute gap of means; 1, the range of all of them, where b alone is undefined."""
    x, y = a.nanmean(dim=0), b.nanmean(dim=0)
    gap = torch.where(y.isnan() & ~x.isnan(), 1.0, (x - y).abs())
    return float(gap.nanmean().nan_to_num(0.0))


def _largest_gaps(a: Tensor, b: Tensor) -> float:
    """Largest gap of the distribution functions, mean of channels and characteristics."""
    gaps = marginals(real=a, fake=b).kolmogorov_smirnov
    return sum(gaps) / len(gaps)


def _log_ratio(a: Tensor, b: Tensor) -> float:
    """Mean absolute log-ratio of mean spectra, each scaled to its own sum: shape, not variance."""
    shapes = []
    for x in (a, b):
        mean = x.mean(dim=0)
        share = (mean / mean.sum(dim=-1, keepdim=True)).nan_to_num(0.0)
        shapes.append(share.clamp(min=1e-12).log())
    return float((shapes[0] - shapes[1]).abs().mean())
