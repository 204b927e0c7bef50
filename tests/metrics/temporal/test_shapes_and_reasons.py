import math

import pytest
import torch
from statsmodels.tsa.adfvalues import mackinnonp
from statsmodels.tsa.tsatools import lagmat

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.adf import adf, adf_by_aic
from gan_lab.metrics.temporal.cointegration import cointegration
from gan_lab.metrics.temporal.engle_granger import engle_granger
from gan_lab.metrics.temporal.johansen import johansen, rank
from gan_lab.metrics.temporal.johansen_critical import asymptotic_critical
from gan_lab.metrics.temporal.kpss import kpss
from gan_lab.metrics.temporal.lagged import lagged
from gan_lab.metrics.temporal.mackinnon import DICKEY_FULLER, ENGLE_GRANGER, mackinnon_p
from gan_lab.metrics.temporal.reason import Reason
from gan_lab.metrics.temporal.stationarity import Verdict, integration_order, stationarity
from gan_lab.metrics.temporal.trend import Trend, detrend
from gan_lab.metrics.temporal.triangular import householder_factor, triangular_factor

NAMES = {Trend.NONE: "n", Trend.CONSTANT: "c", Trend.LINEAR: "ct"}


def walk(*shape, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=rng, dtype=torch.float64).cumsum(-1)


@pytest.mark.parametrize("trend", Trend)
@pytest.mark.parametrize(("surface", "series"), [(DICKEY_FULLER, 1), (ENGLE_GRANGER, 2)])
def test_p_values_against_statsmodels(surface, series, trend):
    tau = torch.linspace(-25, 4, 500, dtype=torch.float64)
    theirs = [mackinnonp(t, NAMES[trend], series) for t in tau.tolist()]
    assert mackinnon_p(tau, surface[trend]).tolist() == pytest.approx(theirs, abs=1e-12)


def test_lags_against_statsmodels():
    x = walk(20)
    assert torch.equal(lagged(x, 3).T, torch.from_numpy(lagmat(x.numpy(), 3, trim="both")))
    assert lagged(x, 0).shape == (0, 20)


def test_the_two_factorisations_agree_where_both_are_accurate():
    x = walk(50, 5, 40).mT
    assert torch.allclose(triangular_factor(x), householder_factor(x), rtol=1e-10, atol=1e-12)


def test_an_ill_conditioned_regression_keeps_its_digits():
    """Residual of y on a and a + 1e-5 b is that of y on a and b."""
    a, b, y = walk(3, 1, 50)
    near = torch.cat([a, a + 1e-5 * b, y]).T[None]
    plain = torch.cat([a, b, y]).T[None]
    r, reference = triangular_factor(near)[0], triangular_factor(plain)[0]
    assert r[2, 2].item() == pytest.approx(reference[2, 2].item(), rel=1e-9)
    assert r[1, 2].abs().item() == pytest.approx(reference[1, 2].abs().item(), rel=1e-8)


def test_detrending_leaves_nothing_of_a_line_and_nothing_to_explain():
    time = torch.arange(30, dtype=torch.float64)
    assert (detrend(3 - 0.2 * time, Trend.LINEAR) == 0).all()
    left = detrend(walk(4, 30), Trend.LINEAR)
    assert torch.allclose(left @ time, torch.zeros(4, dtype=torch.float64), atol=1e-9)


@pytest.mark.parametrize("test", [adf, adf_by_aic, kpss])
def test_results_have_the_shape_of_the_batch_and_do_not_depend_on_it(test):
    x = walk(3, 2, 50).float()
    whole = test(x)
    assert whole.statistic.shape == whole.reason.shape == whole.lags.shape == (3, 2)
    assert whole.statistic.dtype == torch.float64
    assert test(x[1, 1]).statistic.item() == pytest.approx(whole.statistic[1, 1].item(), rel=1e-12)


@pytest.mark.parametrize("test", [adf, adf_by_aic, kpss])
def test_constant_series_and_holes_do_not_touch_their_neighbours(test):
    x = walk(4, 60)
    alone = test(x[3])
    x[0], x[1, 7], x[2, 9] = 2.0, float("nan"), float("inf")
    result = test(x)
    assert result.reason.tolist() == [Reason.CONSTANT, Reason.NON_FINITE, Reason.NON_FINITE, 0]
    assert result.statistic[:3].isnan().all() and result.p_value[:3].isnan().all()
    assert result.statistic[3].item() == pytest.approx(alone.statistic.item(), rel=1e-12)


def test_too_short():
    assert adf(walk(2, 6), 3).reason.tolist() == [Reason.TOO_SHORT] * 2
    assert adf_by_aic(walk(2, 3)).reason.tolist() == [Reason.TOO_SHORT] * 2
    assert kpss(walk(2, 6), 6).reason.tolist() == [Reason.TOO_SHORT] * 2
    assert johansen(walk(2, 3, 8)).reason.tolist() == [Reason.TOO_SHORT] * 2
    result = cointegration(walk(2, 3, 63))
    off = ~torch.eye(3, dtype=torch.bool)
    assert (result.pairs.reason[:, off] == Reason.TOO_SHORT).all()
    assert result.rank.tolist() == [-1, -1]


def test_a_line_is_a_perfect_fit():
    time = torch.arange(60, dtype=torch.float64)
    assert adf(time, 0).reason != Reason.OK
    assert kpss(time, trend=Trend.LINEAR).reason == Reason.PERFECT_FIT


def test_undefined_windows_have_no_verdict_and_no_order():
    x = walk(3, 2, 60)
    x[0, 0] = 1.0
    result = stationarity(x)
    assert result.verdict[0, 0] == Verdict.UNDEFINED
    assert torch.allclose(result.shares.sum(dim=1), torch.ones(2, dtype=torch.float64))
    assert integration_order(x)[0, 0] == -1


def test_engle_granger_tells_duplicates_from_pairs():
    x = walk(2, 3, 80)
    x[0, 1] = 2 * x[0, 0] + 1
    test = engle_granger(x)
    assert test.reason[0, 0, 1] == test.reason[0, 1, 0] == Reason.COLLINEAR
    assert test.statistic[0, 0, 2].isfinite() and test.statistic[1, 0, 1].isfinite()


def test_hedge_ratio_and_half_life():
    rng = torch.Generator().manual_seed(0)
    spread = torch.zeros(1, 20_000, dtype=torch.float64)
    shock = torch.randn(20_000, generator=rng, dtype=torch.float64)
    for t in range(1, 20_000):
        spread[0, t] = 0.9 * spread[0, t - 1] + shock[t]
    base = walk(1, 20_000, seed=1)
    test = engle_granger(torch.stack([3 * base + spread, base], dim=1))
    assert test.hedge_ratio[0, 0, 1].item() == pytest.approx(3, abs=0.05)
    assert test.half_life[0, 0, 1].item() == pytest.approx(math.log(2) / -math.log(0.9), rel=0.1)


def test_johansen_does_not_depend_on_how_a_system_is_mixed():
    x = walk(3, 3, 100)
    mix = torch.tensor([[1.0, 2, 0], [0, 1, -1], [0.5, 0, 3]], dtype=torch.float64)
    a, b = johansen(x), johansen(mix @ x)
    assert torch.allclose(a.trace, b.trace, rtol=1e-9)
    assert torch.allclose(a.largest.flip(1).cumsum(1).flip(1), a.trace)
    assert (a.eigenvalue.diff(dim=1) <= 0).all()


def test_rank_is_the_first_null_that_stands():
    statistic = torch.tensor([[30.0, 9, 1], [5, 9, 9], [30, 9, 9], [1, 1, 1]])
    critical = torch.tensor([20.0, 8, 4])
    assert rank(statistic, critical, torch.tensor([0, 0, 0, 3])).tolist() == [2, 0, 3, -1]


def test_tables_end():
    with pytest.raises(UserError, match=r"0\.2 is not tabulated"):
        asymptotic_critical(2, level=0.2)
    critical = asymptotic_critical(13).trace
    with pytest.raises(UserError, match="simulate"):
        rank(torch.zeros(1, 13, dtype=torch.float64), critical, torch.zeros(1, dtype=torch.int64))


def test_gate_of_another_length_is_refused():
    with pytest.raises(UserError, match="2 channels, the data 3"):
        cointegration(walk(2, 3, 70), integrated=torch.tensor([True, True]))
