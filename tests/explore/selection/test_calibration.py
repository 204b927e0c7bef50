import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.selection.calibration import (
    fit_isotonic,
    fit_logistic,
    miscalibration,
)


def draws(n=4000, shift=1.0, seed=0):
    """Real rows N(shift, 1), samples N(0, 1): the log-ratio at x is shift * x - shift^2 / 2."""
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, generator=rng) + shift, torch.randn(n, generator=rng)


def test_logistic_recovers_the_ratio_from_scaled_logits_with_a_constant():
    real, fake = draws()
    found = fit_logistic(0.1 * real - 7.0, 0.1 * fake - 7.0)
    x = torch.tensor([-1.0, 0.0, 0.5, 2.0])
    torch.testing.assert_close(found.log_ratio(0.1 * x - 7.0), x - 0.5, atol=0.15, rtol=0)


def test_isotonic_recovers_the_ratio_from_any_increasing_function_of_it():
    real, fake = draws(20_000)
    found = fit_isotonic((real / 4).sinh(), (fake / 4).sinh())
    x = torch.tensor([-0.5, 0.5, 1.5])
    torch.testing.assert_close(found.log_ratio((x / 4).sinh()), x - 0.5, atol=0.25, rtol=0)


def test_isotonic_agrees_with_pooled_adjacent_violators_by_hand():
    # Real at 1..20 but for two swaps: blocks (fake, real | real, fake) average to 1/2.
    real = torch.tensor([2.0, 3.0] + [float(k) for k in range(10, 28)])
    fake = torch.tensor([1.0, 4.0] + [float(-k) for k in range(10, 28)])
    found = fit_isotonic(real, fake)
    p = found.log_ratio(torch.tensor([-5.0, 3.0, 15.0])).sigmoid()
    expected = torch.tensor([1 / 22, 2 / 3, 21 / 22])
    torch.testing.assert_close(p, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("fit", [fit_logistic, fit_isotonic])
def test_a_constant_on_all_logits_changes_nothing(fit):
    real, fake = draws(500)
    x = torch.linspace(-1, 2, 9)
    moved = fit(real + 100, fake + 100).log_ratio(x + 100)
    torch.testing.assert_close(moved, fit(real, fake).log_ratio(x), atol=2e-3, rtol=0)


@pytest.mark.parametrize("fit", [fit_logistic, fit_isotonic])
def test_sides_of_unequal_size_have_equal_weight(fit):
    real, fake = draws(8000)
    few = fit(real[:2000], fake).log_ratio(torch.tensor([0.5]))
    assert abs(float(few)) < 0.25


def test_an_inverted_critic_is_not_followed():
    real, fake = draws(500)
    assert fit_logistic(-real, -fake).slope == 0.0


def test_calibration_takes_the_miscalibration_away():
    real, fake = draws()
    calibration = fit_logistic(5 * real + 3, 5 * fake + 3)
    fresh_real, fresh_fake = draws(seed=1)
    raw = miscalibration(5 * fresh_real + 3, 5 * fresh_fake + 3)
    good = [calibration.log_ratio(5 * x + 3) for x in (fresh_real, fresh_fake)]
    assert abs(raw) > 10
    assert abs(miscalibration(*good)) < 3


def test_bad_logits_are_refused():
    with pytest.raises(UserError, match="19 real"):
        fit_logistic(torch.zeros(19), torch.zeros(30))
    with pytest.raises(UserError, match="diverged"):
        fit_isotonic(torch.full((30,), torch.nan), torch.zeros(30))
