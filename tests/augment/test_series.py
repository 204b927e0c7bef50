"""Series and noise against closed forms."""

import math

import pytest
import torch

from gan_lab.augment.noise import Noise
from gan_lab.augment.series import (
    CropShift,
    MagnitudeWarp,
    Scaling,
    TimeWarp,
    resample,
    smooth_curve,
)


def test_smooth_curves_are_standard_normal_at_every_time_and_slow(rng):
    n, length = 20_000, 33
    curve = smooth_curve(n, length=length, knots=3, rng=rng)
    # Six standard errors of a mean and of a standard deviation, at 33 times.
    assert float(curve.mean(0).abs().max()) < 6 / math.sqrt(n)
    assert float((curve.std(0) - 1).abs().max()) < 6 / math.sqrt(2 * n)
    neighbours = (curve[:, :-1] * curve[:, 1:]).mean(0)
    assert float(neighbours.min()) > 0.9


def test_no_knots_is_a_constant(rng):
    curve = smooth_curve(4, length=9, knots=0, rng=rng)
    torch.testing.assert_close(curve, curve[:, :1].expand_as(curve))


def test_scaling_is_one_positive_factor_per_channel(rng):
    x = torch.randn(6, 4, 10)
    ratio = Scaling(std=0.5)(x, rng) / x
    torch.testing.assert_close(ratio, ratio[:, :, :1].expand_as(x))
    assert ratio.gt(0).all() and ratio[:, :, 0].unique().numel() == 24


def test_magnitude_warp_is_a_slow_positive_factor(rng):
    ratio = MagnitudeWarp(std=0.3, knots=2)(torch.ones(200, 3, 50), rng)
    assert ratio.gt(0).all()
    assert float(ratio.log().diff(dim=2).abs().max()) < 0.3 * float(ratio.log().abs().max())
    assert not ratio[:, 0].equal(ratio[:, 1])


@pytest.mark.parametrize("std", [0.2, 2.0])
@pytest.mark.parametrize("length", [2, 3, 40])
def test_a_clock_is_monotone_and_keeps_its_ends(std, length, rng):
    clock = TimeWarp(std=std).clock(500, length, rng)
    assert clock.diff(dim=1).gt(0).all()
    assert clock[:, 0].eq(0).all()
    torch.testing.assert_close(clock[:, -1], torch.full((500,), length - 1.0).double())


def test_time_warp_of_a_ramp_is_the_clock():
    ramp = torch.arange(20.0, dtype=torch.float64).expand(5, 2, 20)
    out = TimeWarp(std=0.5)(ramp, torch.Generator().manual_seed(1))
    clock = TimeWarp(std=0.5).clock(5, 20, torch.Generator().manual_seed(1))
    torch.testing.assert_close(out, clock[:, None].expand_as(ramp))


def test_resampling_at_whole_times_picks_values():
    x = torch.randn(2, 3, 5)
    time = torch.tensor([[4.0, 3.0, 2.0, 1.0, 0.0], [0.0, 0.0, 2.0, 4.0, 4.0]])
    out = resample(x, time)
    assert out[0].equal(x[0].flip(1))
    assert out[1].equal(x[1][:, [0, 0, 2, 4, 4]])


def test_crop_shift_shifts_and_holds_the_edges(rng):
    x = torch.randn(1, 2, 8).expand(500, 2, 8)
    out = CropShift(ratio=0.25)(x, rng)
    padded = torch.nn.functional.pad(x[:1], (2, 2), mode="replicate")[0]
    known = torch.stack([padded[:, k : k + 8] for k in range(5)])
    matches = (out[:, None] == known[None]).all((2, 3))
    assert matches.sum(1).eq(1).all()
    assert matches.any(0).all()


@pytest.mark.parametrize("shape", [(2,), (3, 8), (1, 4, 4)])
def test_noise_has_its_strength(shape, rng):
    n = 20_000
    noise = Noise(std=0.3)(torch.zeros(n, *shape), rng)
    assert float(noise.std()) == pytest.approx(0.3, rel=5 / math.sqrt(2 * noise.numel()))
    # sigma^2 of a half-normal sigma has mean std^2 and standard deviation sqrt(2) std^2.
    varied = Noise(std=0.3, varied=True)(torch.zeros(n, 200), rng)
    strength = varied.square().mean(1)
    assert float(strength.mean()) == pytest.approx(0.09, rel=5 * math.sqrt(2.1 / n))
    assert float(strength.std()) == pytest.approx(0.09 * math.sqrt(2), rel=0.1)
