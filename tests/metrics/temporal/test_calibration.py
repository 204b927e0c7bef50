"""Size under the null and power under stated alternatives.

Under a null of level .05 the number of rejections in 2,000 windows is binomial with a deviation of
9.7: more than 140 of them, a rate of .07, is 4.1 deviations above 100. Lengths are those from which
the asymptotic p-values hold.
"""

import pytest
import torch

from gan_lab.metrics.temporal.adf import adf
from gan_lab.metrics.temporal.cointegration import cointegration, integrated_channels
from gan_lab.metrics.temporal.engle_granger import engle_granger
from gan_lab.metrics.temporal.granger import granger_conditional, granger_pairs
from gan_lab.metrics.temporal.johansen import johansen, rank
from gan_lab.metrics.temporal.johansen_critical import asymptotic_critical, simulated_critical
from gan_lab.metrics.temporal.kpss import kpss
from gan_lab.metrics.temporal.stationarity import Verdict, integration_order, stationarity
from gan_lab.metrics.temporal.trend import Trend

N, MOST = 2000, 0.07


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def autoregression(phi, *shape, seed=0):
    x = noise(*shape[:-1], shape[-1] + 50, seed=seed)
    for t in range(1, x.shape[-1]):
        x[..., t] += phi * x[..., t - 1]
    return x[..., 50:]


def driven(strength, n, steps, seed=0):
    """Channel 0 drives channel 1."""
    x = noise(n, 2, steps + 50, seed=seed)
    for t in range(1, steps + 50):
        x[:, 0, t] += 0.5 * x[:, 0, t - 1]
        x[:, 1, t] += 0.5 * x[:, 1, t - 1] + strength * x[:, 0, t - 1]
    return x[..., 50:]


def rejected(p):
    return (p < 0.05).double().mean().item()


@pytest.mark.parametrize("trend", Trend)
def test_adf_keeps_its_size_on_random_walks(trend):
    assert rejected(adf(noise(N, 250).cumsum(1), 1, trend=trend).p_value) < MOST


def test_adf_finds_stationary_series():
    assert rejected(adf(autoregression(0.5, N, 64), 1).p_value) > 0.95


@pytest.mark.parametrize("trend", [Trend.CONSTANT, Trend.LINEAR])
def test_kpss_keeps_its_size_on_noise_and_finds_random_walks(trend):
    assert rejected(kpss(noise(N, 250), trend=trend).p_value) < MOST
    assert rejected(kpss(noise(N, 250).cumsum(1), trend=trend).p_value) > 0.75


def test_granger_keeps_its_size_and_finds_what_drives():
    test = granger_pairs(driven(0.0, N, 250), 1)
    assert rejected(test.p_value[:, 0, 1]) < MOST
    assert rejected(test.p_value[:, 1, 0]) < MOST
    assert rejected(granger_pairs(driven(0.4, N, 64), 1).p_value[:, 0, 1]) > 0.85


def test_conditional_granger_keeps_its_size_over_pooled_windows():
    sets = driven(0.0, 200 * 10, 40).reshape(200, 10, 2, 40)
    p = torch.stack([granger_conditional(x, 1).p_value for x in sets])
    assert rejected(p[:, ~torch.eye(2, dtype=torch.bool)]) < 0.095  # 400 tests: 4.1 deviations


def test_engle_granger_keeps_its_size_and_finds_a_shared_walk():
    walks = noise(N, 2, 250).cumsum(2)
    assert rejected(engle_granger(walks, 1).p_value[:, 0, 1]) < MOST
    shared = noise(N, 1, 64).cumsum(2) + autoregression(0.3, N, 2, 64, seed=1)
    assert rejected(engle_granger(shared, 1).p_value[:, 0, 1]) > 0.8


@pytest.mark.parametrize(("channels", "steps"), [(2, 64), (4, 64)])
def test_johansen_keeps_its_size_with_simulated_values_only(channels, steps):
    test = johansen(noise(N, channels, steps, seed=9).cumsum(2), 1)
    simulated = simulated_critical(channels, steps, repeats=2000)
    assert (test.trace[:, 0] > simulated.trace[0]).double().mean() < MOST
    assert (test.largest[:, 0] > simulated.largest[0]).double().mean() < MOST
    asymptotic = asymptotic_critical(channels)
    assert (test.trace[:, 0] > asymptotic.trace[0]).double().mean() > 0.1


def test_johansen_finds_the_rank():
    """Three channels around one walk have two stationary combinations."""
    x = noise(500, 1, 200).cumsum(2) + autoregression(0.2, 500, 3, 200, seed=1)
    test = johansen(x, 1)
    ranks = rank(test.trace, simulated_critical(3, 200, repeats=1000).trace, test.reason)
    assert (ranks == 2).double().mean() > 0.85


def test_simulated_values_are_reproducible_and_tend_to_the_tables_with_drift_free_walks():
    simulated_critical.cache_clear()
    first = simulated_critical(2, 100, repeats=500).trace
    simulated_critical.cache_clear()
    assert torch.equal(first, simulated_critical(2, 100, repeats=500).trace)
    long = simulated_critical(1, 1000, trend=Trend.NONE, repeats=4000)
    assert abs(long.trace.item() - asymptotic_critical(1, trend=Trend.NONE).trace.item()) < 0.35


def test_verdicts_of_noise_and_of_walks():
    x = torch.stack([noise(N // 4, 200), noise(N // 4, 200, seed=1).cumsum(1)], dim=1)
    shares = stationarity(x).shares
    assert shares[0, Verdict.STATIONARY] > 0.85
    assert shares[1, Verdict.UNIT_ROOT] > 0.6
    assert torch.allclose(shares.sum(dim=1), torch.ones(2, dtype=torch.float64))


def test_order_of_integration():
    x = noise(200, 1, 200)
    orders = [integration_order(v).median().item() for v in
              (x, x.cumsum(2), x.cumsum(2).cumsum(2))]  # fmt: skip
    assert orders == [0, 1, 2]


def test_cointegration_is_asked_of_integrated_channels_only():
    x = torch.cat([noise(60, 1, 200).cumsum(2) + autoregression(0.2, 60, 2, 200, seed=1),
                   noise(60, 1, 200, seed=2)], dim=1)  # fmt: skip
    assert integrated_channels(x).tolist() == [True, True, False]
    result = cointegration(x)
    assert rejected(result.pairs.p_value[:, 0, 1]) > 0.9
    assert result.pairs.p_value[:, 0, 2].isnan().all()
    assert (result.rank == 1).double().mean() > 0.85
