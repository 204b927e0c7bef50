import math

import pytest
import torch

from gan_lab.data.synthetic import Drift
from gan_lab.errors import UserError


def test_mean_of_every_step_and_variance_around_it(agrees):
    data = Drift(amplitude=2.0, period=10.0, slope=0.3)
    x = data.simulate(20_000, 15, torch.Generator().manual_seed(1))[..., 0]
    t = torch.arange(15, dtype=torch.float64)
    expected = 2 * (2 * math.pi * t / 10).sin() + 0.3 * t
    agrees(x, expected)
    agrees((x - expected).square(), 1 / (1 - 0.25))


def test_interval_means_differ_on_one_path():
    data = Drift(n=4000)
    x = data.simulate(1, 4000, torch.Generator().manual_seed(1))[0, :, 0]
    found = torch.stack([part.mean() for part in x.tensor_split(4)])
    expected = data.truth.interval_means(4000, 4)
    # The mean of T steps of an AR(1) has the standard error sigma / ((1 - phi) sqrt(T)).
    error = 1 / (0.5 * 1000**0.5)
    assert ((found - expected).abs() < 5 * error).all()
    assert expected.tolist() == pytest.approx([1.91, 1.91, -1.91, -1.91], abs=5e-3)
    assert found.max() - found.min() > 20 * error


def test_interval_means_of_a_line():
    truth = Drift(amplitude=0.0, slope=2.0).truth
    assert truth.interval_means(10, 5).tolist() == [1, 5, 9, 13, 17]
    with pytest.raises(UserError, match="11 intervals"):
        truth.interval_means(10, 11)


@pytest.mark.parametrize(
    "bad",
    [
        {"coefficient": 1.0},
        {"noise_std": 0.0},
        {"period": 0.0},
        {"amplitude": float("inf")},
        {"amplitude": 0.0},
        {"slope": float("nan")},
    ],
)
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Drift(**bad)


def test_drift_is_one_path():
    with pytest.raises(UserError, match="one path"):
        Drift(independent=True)
