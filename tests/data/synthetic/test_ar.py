import pytest
import torch

from gan_lab.data.synthetic import AR
from gan_lab.errors import UserError


@pytest.mark.parametrize("coefficient", [0.8, 0.0, -0.6])
def test_mean_variance_and_autocorrelation(coefficient, agrees):
    data = AR(coefficient=coefficient, mean=2.0, noise_std=0.5)
    x = data.simulate(50_000, 12, torch.Generator().manual_seed(1))[..., 0]
    agrees(x, 2.0)
    # Stationary from the first step on.
    variance = 0.25 / (1 - coefficient**2)
    assert data.truth.variance == pytest.approx(variance)
    agrees((x - 2).square(), variance)
    products = (x[:, :1] - 2) * (x - 2)
    agrees(products, variance * data.truth.autocorrelation(11))


def test_autocorrelation_in_closed_form():
    acf = AR(coefficient=-0.5).truth.autocorrelation(3)
    assert acf.tolist() == [1.0, -0.5, 0.25, -0.125]


@pytest.mark.parametrize(
    "bad",
    [
        {"coefficient": 1.0},
        {"coefficient": -1.0},
        {"coefficient": float("nan")},
        {"noise_std": 0.0},
        {"noise_std": float("inf")},
        {"mean": float("nan")},
    ],
)
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        AR(**bad)
