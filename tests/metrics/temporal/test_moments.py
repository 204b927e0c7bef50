import numpy as np
import pytest
import torch
from scipy import signal, stats
from statsmodels.tsa.stattools import acf

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.moments import (
    autocorrelation,
    cross_correlation,
    excess_kurtosis,
    leverage,
    memory,
    skewness,
)
from gan_lab.metrics.temporal.spectrum import periodogram, welch


def series(*shape):
    rng = torch.Generator().manual_seed(1)
    return torch.randn(*shape, generator=rng, dtype=torch.float64).cumsum(-1).sin()


def test_autocorrelation_against_statsmodels():
    x = series(3, 2, 60)
    ours = autocorrelation(x, 12)
    for i in range(3):
        assert np.allclose(ours[i, 1], acf(x[i, 1].numpy(), nlags=12, fft=False), atol=1e-12)


def test_memory_is_the_autocorrelation_of_three_transforms():
    x = series(4, 50)
    parts = memory(x, 5)
    assert torch.equal(parts.size, autocorrelation(x.abs(), 5))
    assert torch.equal(parts.square, autocorrelation(x**2, 5))


def test_time_reversal_keeps_autocorrelation_and_mirrors_cross_correlation():
    x = series(5, 3, 40)
    assert torch.allclose(autocorrelation(x, 8), autocorrelation(x.flip(-1), 8))
    forward, backward = cross_correlation(x, 8), cross_correlation(x.flip(-1), 8)
    assert torch.allclose(forward, backward.flip(-1))
    assert not torch.allclose(forward, backward, atol=0.1)


def test_a_leader_peaks_at_its_positive_lag():
    x = torch.randn(1, 500, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pair = torch.cat([x[:, 3:], x[:, :-3]])  # channel 1 repeats channel 0 three steps later
    table = cross_correlation(pair, 5)
    assert table[0, 1].argmax() == 5 + 3
    assert table[1, 0].argmax() == 5 - 3
    assert torch.allclose(table[0, 0, 5:], autocorrelation(pair[0], 5))


def test_leverage_against_numpy():
    r = series(200)
    a = (r - r.mean()) / r.std(unbiased=False)
    b = (r**2 - (r**2).mean()) / (r**2).std(unbiased=False)
    by_hand = [(a[: 200 - k] * b[k:]).sum().item() / 200 for k in range(4)]
    assert leverage(r, 3).tolist() == pytest.approx(by_hand)


def test_skewness_and_kurtosis_against_scipy():
    x = series(4, 100).exp()
    assert np.allclose(skewness(x), stats.skew(x.numpy(), axis=1))
    assert np.allclose(excess_kurtosis(x), stats.kurtosis(x.numpy(), axis=1))


@pytest.mark.parametrize("moment", [skewness, excess_kurtosis, lambda x: autocorrelation(x, 2)])
def test_a_constant_series_has_no_moments(moment):
    x = torch.full((2, 30), 0.1)
    x[0, 3] = 1.0
    value = moment(x)
    assert value[0].isfinite().all() and value[1].isnan().all()


@pytest.mark.parametrize("steps", [40, 41])
def test_periodogram_against_scipy_and_parseval(steps):
    x = series(3, steps)
    ours = periodogram(x)
    assert np.allclose(ours, signal.periodogram(x.numpy(), axis=1)[1])
    assert torch.allclose(ours.sum(1) / steps, x.var(dim=1, unbiased=False))


@pytest.mark.parametrize("segment", [16, 17])
def test_welch_against_scipy(segment):
    x = series(2, 3, 100)
    theirs = signal.welch(x.numpy(), nperseg=segment, window="hann", axis=-1)[1]
    assert np.allclose(welch(x, segment), theirs)


def test_welch_needs_a_segment_that_fits():
    with pytest.raises(UserError, match="segment = 50"):
        welch(series(40), 50)
