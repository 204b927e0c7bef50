import math

import pytest
import torch

from gan_lab.data.synthetic import GARCH
from gan_lab.errors import UserError


def test_moments_and_autocorrelation_of_squares(agrees):
    # The eighth moment exists, so the fourth has a standard error.
    data = GARCH(omega=0.2, alpha=0.15, beta=0.45)
    truth = data.truth
    x = data.simulate(50_000, 6, torch.Generator().manual_seed(1))[..., 0]
    agrees(x, 0.0)
    agrees(x.square(), 0.2 / 0.4)
    agrees(x**4, truth.kurtosis * truth.variance**2)
    agrees(x[:, :1] * x[:, 1:], 0.0)
    acf = truth.squares_autocorrelation(5)
    products = x[:, :1].square() * x.square()
    agrees(products, truth.variance**2 * (1 + (truth.kurtosis - 1) * acf))
    # The clustering is seen, not only allowed for.
    excess = products[:, 1] - truth.variance**2
    assert excess.mean() > 5 * excess.std() / 50_000**0.5


def test_the_first_step_has_heavy_tails_already(agrees):
    # A start at the unconditional variance would give a Gaussian, with kurtosis 3.
    data = GARCH(omega=0.2, alpha=0.2, beta=0.5)
    x = data.simulate(200_000, 1, torch.Generator().manual_seed(1))[:, 0]
    fourth = x**4
    agrees(fourth, data.truth.kurtosis * data.truth.variance**2)
    error = fourth.std() / 200_000**0.5
    assert fourth.mean() - 3 * data.truth.variance**2 > 5 * error


def test_formulas_at_known_values():
    truth = GARCH().truth
    assert truth.variance == pytest.approx(1.0)
    assert truth.kurtosis == pytest.approx(3 * 0.0975 / 0.0775)
    acf = truth.squares_autocorrelation(3)
    first = 0.1 * (1 - 0.085 - 0.7225) / (1 - 0.17 - 0.7225)
    assert acf.tolist() == pytest.approx([1, first, 0.95 * first, 0.95**2 * first])


def test_without_weights_it_is_white_noise():
    data = GARCH(omega=4.0, alpha=0.0, beta=0.0)
    assert data.truth.kurtosis == 3
    assert data.truth.squares_autocorrelation(2).tolist() == [1, 0, 0]
    x = data.simulate(20_000, 2, torch.Generator().manual_seed(1))
    assert x.std() == pytest.approx(2, rel=0.02)


def test_arch_one_has_the_textbook_kurtosis():
    alpha = 0.4
    truth = GARCH(alpha=alpha, beta=0.0).truth
    assert truth.kurtosis == pytest.approx(3 * (1 - alpha**2) / (1 - 3 * alpha**2))
    assert truth.squares_autocorrelation(2).tolist() == pytest.approx([1, alpha, alpha**2])


def test_infinite_kurtosis_is_told():
    truth = GARCH(alpha=0.5, beta=0.45).truth
    assert math.isinf(truth.kurtosis)
    with pytest.raises(UserError, match="no ACF"):
        truth.squares_autocorrelation(3)


@pytest.mark.parametrize(
    "bad",
    [
        {"omega": 0.0},
        {"alpha": -0.1},
        {"alpha": 0.2, "beta": 0.8},
        {"alpha": float("nan")},
    ],
)
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        GARCH(**bad)
