"""How series move, real beside generated: correlations in time, graphs, cointegration."""

from dataclasses import dataclass

from jaxtyping import Float
from markupsafe import Markup
from torch import Tensor

from gan_lab.evaluation.dynamics import GRANGER_LAG, MOST_LAGS, Windows
from gan_lab.evaluation.sets import Sets
from gan_lab.metrics.temporal.cointegration import LEAST_STEPS, cointegration
from gan_lab.metrics.temporal.graph import granger_graph
from gan_lab.metrics.temporal.moments import autocorrelation, cross_correlation
from gan_lab.render.style import channel_name
from gan_lab.report.charts import Line, line_chart
from gan_lab.report.matrices import graph, heat_map

MOST_CHANNELS = 12
LEVEL = 0.05
# Correlations below these are small: their axis does not blow them up.
NEAR = (-0.15, 0.15)


@dataclass(frozen=True)
class PairRow:
    """Cointegration of one pair: share of windows that reject its absence, median half-life."""

    first: str
    second: str
    real: str
    fake: str
    real_life: str
    fake_life: str


@dataclass(frozen=True)
class Temporal:
    """Pictures of the dynamics, with captions."""

    correlations: tuple[tuple[str, Markup], ...]
    heat_maps: tuple[tuple[str, Markup], ...]
    graphs: tuple[tuple[str, Markup], ...]
    pairs: tuple[PairRow, ...]
    no_pairs: str


def temporal_of(sets: Sets) -> Temporal:
    """Pictures for windows that do not overlap, in original units."""
    units = [sets.spec.to_window_units(rows.x).double() for rows in (sets.real, sets.fake)]
    chosen = min(sets.spec.channels, MOST_CHANNELS)
    names = [channel_name(sets.spec.channel_names, k) for k in range(chosen)]
    real, fake = (x[:, :chosen] for x in units)
    lags = min(MOST_LAGS, max(1, real.shape[2] // 3))
    pairs, why = _pairs(real, fake, names)
    return Temporal(
        correlations=_correlations(real, fake, lags, names),
        heat_maps=_heat_maps(real, fake, names),
        graphs=_graphs(real, fake, names),
        pairs=pairs,
        no_pairs=why,
    )


def mean_correlation(x: Float[Tensor, "n c t"], lags: int) -> Float[Tensor, "c k"]:
    """Autocorrelation of each channel at lags 1 to k, mean over windows."""
    return autocorrelation(x, lags)[..., 1:].nanmean(dim=0)


def chart_of(real: Tensor, fake: Tensor, label: str, lags: int) -> Markup:
    """Two curves over the lags."""
    lines = [Line(real.tolist(), "real"), Line(fake.tolist(), "fake")]
    return line_chart(lines, label, x=[float(k) for k in range(1, lags + 1)], include=NEAR)


def _correlations(
    real: Tensor, fake: Tensor, lags: int, names: list[str]
) -> tuple[tuple[str, Markup], ...]:
    found = []
    pairs = (("", real, fake), (" of sizes", real.abs(), fake.abs()))
    for word, *both in pairs:
        a, b = (mean_correlation(x, lags) for x in both)
        for k, name in enumerate(names[:4]):
            caption = f"Autocorrelation{word}, {name}"
            found.append((caption, chart_of(a[k], b[k], caption, lags)))
    return tuple(found)


def _heat_maps(real: Tensor, fake: Tensor, names: list[str]) -> tuple[tuple[str, Markup], ...]:
    if len(names) < 2:
        return ()
    found = []
    for lag in (0, 1):
        for word, x in (("real", real), ("generated", fake)):
            matrix = cross_correlation(x, 1).nanmean(dim=0)[..., 1 + lag]
            when = "at the same step" if lag == 0 else "row leads column by a step"
            caption = f"Cross-correlation, {word}, {when}"
            found.append((caption, heat_map(matrix, names, caption)))
    return tuple(found)


def _graphs(real: Tensor, fake: Tensor, names: list[str]) -> tuple[tuple[str, Markup], ...]:
    if len(names) < 2:
        return ()
    found = []
    for word, x, style in (("Real", real, "real"), ("Generated", fake, "fake")):
        drawn = granger_graph(x, GRANGER_LAG)
        caption = f"{word}: {int(drawn.edge.sum())} edges"
        found.append((caption, graph(drawn.edge, drawn.test.strength, names, caption, style)))
    return tuple(found)


def _pairs(real: Tensor, fake: Tensor, names: list[str]) -> tuple[tuple[PairRow, ...], str]:
    if real.shape[2] < LEAST_STEPS:
        return (), f"Windows of {real.shape[2]} steps are too short; the tests need {LEAST_STEPS}."
    windows = Windows.of(real)
    if not windows.tests_cointegration:
        return (), "Fewer than two channels are integrated: there is nothing to tie together."
    a, b = (cointegration(x, integrated=windows.integrated).pairs for x in (real, fake))
    rows = []
    chosen = windows.integrated.nonzero().flatten().tolist()
    for i in chosen:
        for j in (k for k in chosen if k != i):
            shares = [
                float((s.p_value[:, i, j] < LEVEL).double().mean()) for s in (a, b)
            ]  # fmt: skip
            lives = [float(s.half_life[:, i, j].nanmedian()) for s in (a, b)]
            share = [f"{v:.0%}" for v in shares]
            life = [f"{v:.3g}" if v == v else "undefined" for v in lives]
            rows.append((shares[0], PairRow(names[i], names[j], *share, *life)))
    rows.sort(key=lambda row: -row[0])
    return tuple(row for _, row in rows[:20]), ""
