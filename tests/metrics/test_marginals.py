import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.marginals import marginals


@given(n=st.integers(1, 30), m=st.integers(1, 30), seed=st.integers(0, 1000))
def test_each_channel_equals_scipy_for_any_sizes(n, m, seed):
    stats = pytest.importorskip("scipy.stats")
    rng = torch.Generator().manual_seed(seed)
    # Rounding makes ties.
    real = torch.randn(n, 2, 3, generator=rng).mul(3).round()
    fake = torch.randn(m, 2, 3, generator=rng).mul(4).round()
    report = marginals(real=real, fake=fake)
    for channel in range(2):
        a, b = (x[:, channel].flatten().double().numpy() for x in (real, fake))
        assert report.wasserstein[channel] == pytest.approx(stats.wasserstein_distance(a, b))
        expected = stats.ks_2samp(a, b).statistic
        assert report.kolmogorov_smirnov[channel] == pytest.approx(expected)


def test_a_shift_costs_its_length_in_its_channel_alone():
    real = torch.randn(500, 3, 4)
    fake = real + torch.tensor([0.0, 2.0, 0.0])[:, None]
    report = marginals(real=real, fake=fake[torch.randperm(500)])
    assert report.wasserstein == pytest.approx((0.0, 2.0, 0.0), abs=1e-6)
    assert report.scaled_wasserstein[1] == pytest.approx(2 / float(real[:, 1].std()), rel=1e-3)
    assert report.kolmogorov_smirnov[0] == 0.0


def test_tails_hold_their_mass_for_equal_populations_and_more_for_heavier_ones():
    real = torch.randn(50_000, 1)
    report = marginals(real=real, fake=torch.randn(50_000, 1))
    assert report.below[0] == pytest.approx(0.01, abs=0.003)
    assert report.above[0] == pytest.approx(0.01, abs=0.003)
    wide = marginals(real=real, fake=torch.randn(50_000, 1) * 2)
    # P(|N(0, 4)| > 2.326) on one side.
    assert wide.above[0] == pytest.approx(0.5 * math.erfc(2.3263 / 2 / math.sqrt(2)), abs=0.012)


def test_a_constant_channel_has_no_scale():
    real = torch.ones(5, 1)
    report = marginals(real=real, fake=real + 1)
    assert report.wasserstein == (1.0,)
    assert math.isnan(report.scaled_wasserstein[0])


def test_other_shapes_and_nan_are_refused():
    with pytest.raises(UserError, match="same shape"):
        marginals(real=torch.zeros(3, 2), fake=torch.zeros(3, 1))
    with pytest.raises(UserError, match="NaN"):
        marginals(real=torch.zeros(3, 1), fake=torch.full((3, 1), torch.nan))
