import pytest
import torch

from gan_lab.data.synthetic import Regimes
from gan_lab.errors import UserError

THREE = {
    "transition": [[0.8, 0.15, 0.05], [0.3, 0.6, 0.1], [0.0, 0.5, 0.5]],
    "mean": [-2.0, 0.0, 3.0],
    "std": [0.5, 1.0, 2.0],
}


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("options", [{}, THREE])
def test_mean_variance_and_autocovariance(options, agrees):
    data = Regimes(**options)
    truth = data.truth
    x = data.simulate(50_000, 8, rng())[..., 0]
    # Stationary from the first step on.
    agrees(x, truth.overall_mean)
    centred = x - truth.overall_mean
    agrees(centred.square(), truth.variance)
    expected = torch.tensor([truth.autocovariance(lag) for lag in range(1, 8)])
    agrees(centred[:, :1] * centred[:, 1:], expected)


def test_stationary_distribution_is_left_alone_by_a_step():
    truth = Regimes(**THREE).truth
    torch.testing.assert_close(truth.stationary @ truth.transition, truth.stationary)
    assert truth.stationary.sum() == pytest.approx(1)
    far = torch.linalg.matrix_power(truth.transition, 200)
    torch.testing.assert_close(far, truth.stationary.expand(3, 3))


def test_two_regimes_in_closed_form():
    truth = Regimes().truth
    assert truth.stationary.tolist() == pytest.approx([5 / 7, 2 / 7])
    assert truth.duration.tolist() == pytest.approx([50, 20])
    # Two states: the chain's memory decays by the second eigenvalue, 1 - 0.02 - 0.05.
    between = (5 / 7) * (2 / 7) * 1.5**2
    assert truth.autocovariance(3) == pytest.approx(between * 0.93**3)
    assert truth.variance == pytest.approx((5 * 0.25 + 2 * 2.25) / 7 + between)


def test_path_changes_regime_with_the_given_probabilities(agrees):
    data = Regimes(transition=THREE["transition"], mean=[0.0, 10.0, 20.0], std=[0.1, 0.2, 0.3])
    x = data.simulate(1, 60_001, rng())[0, :, 0]
    state = (x / 10).round().long()
    torch.testing.assert_close(x, data.truth.mean[state], rtol=0, atol=2.0)
    for i in range(3):
        following = state[1:][state[:-1] == i]
        for j in range(3):
            if data.truth.transition[i, j] > 0:
                agrees((following == j).double(), data.truth.transition[i, j])
            else:
                assert not (following == j).any()
        noise = (x[state == i] - data.truth.mean[i]) / data.truth.std[i]
        agrees(noise, 0.0)
        agrees(noise.square(), 1.0)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"transition": [[0.9, 0.2], [0.1, 0.9]]}, "sum to 1"),
        ({"transition": [[1.1, -0.1], [0.1, 0.9]]}, "sum to 1"),
        ({"transition": [[1.0, 0.0], [0.0, 1.0]]}, "never meet"),
        ({"transition": [[0.5, 0.5]]}, r"data\.transition has shape 1 x 2"),
        ({"mean": [0.0]}, r"data\.mean has shape 1 x 1"),
        ({"std": [1.0, 0.0]}, r"data\.std"),
        ({"std": [1.0, float("nan")]}, r"data\.std"),
    ],
)
def test_bad_values(bad, message):
    with pytest.raises(UserError, match=message):
        Regimes(**bad)
