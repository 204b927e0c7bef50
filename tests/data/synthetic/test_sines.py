import math

import pytest
import torch

from gan_lab.data.synthetic import PeriodicSines, Sines
from gan_lab.errors import UserError


def units(data):
    rows = data.load()
    return rows.spec.to_units(rows.x).double()


@pytest.mark.parametrize("make", [Sines, PeriodicSines])
def test_mean_and_covariance_are_those_of_the_law(make, agrees):
    data = make(n=20_000, channels=1, window=10)
    x = units(data)[:, 0]
    mean = data.truth.mean(10)
    agrees(x, mean)
    centred = x - mean
    agrees(centred[:, :, None] * centred[:, None, :], data.truth.covariance(10))


def test_channels_are_independent(agrees):
    x = units(Sines(n=20_000, channels=3)) - Sines().truth.mean(24)
    agrees(x[:, 0] * x[:, 1], 0.0)
    agrees(x[:, 0] * x[:, 2], 0.0)


def test_timegan_set_is_as_published():
    data = Sines()
    x = units(data)
    assert x.shape == (10_000, 5, 24)
    assert data.load().x.abs().max() <= 1
    assert 0.5 <= x.min() < 0.5005
    assert x.max() == pytest.approx(1)
    # Measured on TimeGAN's own loop: 65 % of the channels rise all the way.
    rises = (x.diff(dim=2) >= 0).all(dim=2).double().mean()
    # P(23 f + p <= pi / 2), up to the last half step: an integral over p.
    p = torch.linspace(0, 0.1, 1001, dtype=torch.float64)
    low = ((math.pi / 2 - p) / 23 / 0.1).clamp(max=1).mean()
    high = ((math.pi / 2 - p) / 22.5 / 0.1).clamp(max=1).mean()
    error = 5 * (0.65 * 0.35 / 50_000) ** 0.5
    assert low - error < rises < high + error


def frequency(x):
    """Angle per step of a sampled sine, from x[t + 1] + x[t - 1] = 2 cos(f) x[t]."""
    middle, around = x[..., 1:-1], x[..., 2:] + x[..., :-2]
    cosine = (middle * around).sum(dim=-1) / middle.square().sum(dim=-1) / 2
    return cosine.clamp(-1, 1).arccos()


def test_every_window_is_a_sine_of_its_own():
    wave = 2 * units(Sines(n=500)) - 1
    f = frequency(wave)
    # A wave that has just begun tells its frequency badly in float32.
    clear = f > 0.02
    assert clear.double().mean() == pytest.approx(0.8, abs=0.05)
    assert f[clear].max() < 0.1 + 1e-3
    assert f[clear].mean() == pytest.approx(0.06, abs=0.005)


def test_periodic_frequencies_fill_the_known_range():
    x = units(PeriodicSines(low=2.0, high=6.0, n=4000))
    cycles = frequency(x) * 24 / (2 * math.pi)
    assert 2 - 1e-3 < cycles.min() < 2.01
    assert 5.99 < cycles.max() < 6 + 1e-3
    # Uniform on [2, 6]: standard deviation 4 / sqrt(12).
    error = 5 * 4 / 12**0.5 / cycles.numel() ** 0.5
    assert cycles.mean() == pytest.approx(4, abs=error)
    amplitude = x.abs().amax(dim=2)
    assert amplitude.max() <= 0.9
    assert amplitude.min() > 0.05


def test_periodic_law_is_stationary():
    truth = PeriodicSines().truth
    assert truth.mean(9).abs().max() < 1e-12
    covariance = truth.covariance(9)
    # E[A^2] / 2 with A uniform on [0.1, 0.9].
    diagonal = torch.full((9,), (0.01 + 0.09 + 0.81) / 6, dtype=torch.float64)
    torch.testing.assert_close(covariance.diagonal(), diagonal)
    torch.testing.assert_close(covariance[:-1, :-1], covariance[1:, 1:])


@pytest.mark.parametrize("bad", [{"low": 0.0}, {"low": 6.0}, {"high": 13.0}, {"low": math.nan}])
def test_bad_frequencies(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        PeriodicSines(**bad)


def test_bad_channels():
    with pytest.raises(UserError, match=r"data\.channels"):
        Sines(channels=0)
