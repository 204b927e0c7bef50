import math
from itertools import pairwise

import pytest
import torch

from gan_lab.metrics.temporal.seasonality import fisher_p, season


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("period", [3, 4, 7, 12, 24, 52])
def test_a_period_under_noise_is_found(period):
    time = torch.arange(400, dtype=torch.float64)
    wave = (2 * math.pi * time / period).cos()
    found = season(wave + 0.5 * noise(3, 400))
    # The peak of a noisy autocorrelation may lie beside a long period.
    assert ((found.period - period).abs() <= period // 50).all()
    assert (found.correlation > 0.4).all()


def test_a_period_that_is_no_divisor_of_the_length_and_a_line():
    time = torch.arange(401, dtype=torch.float64)[None]
    found = season(3 * time + 20 * (2 * math.pi * time / 24).sin())
    assert found.period.tolist() == [24]


def test_noise_memory_and_walks_have_none():
    x = noise(200, 300)
    assert (season(x).period == 0).double().mean() > 0.98
    for phi in (0.5, 0.9, 1.0):
        path = torch.zeros_like(x)
        for t in range(1, 300):
            path[:, t] = phi * path[:, t - 1] + x[:, t]
        # 3.3 % at .9 among 1,000 paths.
        assert (season(path).period == 0).double().mean() > 0.92


def test_constant_and_short_series_have_none():
    assert season(torch.ones(2, 50)).period.tolist() == [0, 0]
    assert season(torch.randn(2, 5)).period.tolist() == [0, 0]


def test_fisher_in_closed_form_and_by_simulation():
    # Two values: the larger share is uniform on (1/2, 1).
    assert fisher_p(0.8, 2) == pytest.approx(2 * (1 - 0.8))
    power = noise(40_000, 20, 2).square().sum(dim=2)
    g = power.amax(dim=1) / power.sum(dim=1)
    for share in (0.15, 0.2, 0.3):
        rate = float((g > share).double().mean())
        assert fisher_p(share, 20) == pytest.approx(rate, abs=4 * math.sqrt(0.25 / 40_000))


@pytest.mark.parametrize("m", [10, 1_000, 100_000])
def test_fisher_falls_from_one_to_zero(m):
    shares = [1 / m, 2 / m, 10 / m, 0.05, 0.2, 0.9, 1.0]
    p = [fisher_p(g, m) for g in sorted(shares)]
    assert all(0 <= low <= high + 1e-9 for high, low in pairwise(p))
    assert p[0] == 1.0
    assert p[-1] == 0.0
