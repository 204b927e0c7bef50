"""Energy distance, MMD and Sinkhorn against scipy, double loops and exact transport."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.stats import energy_distance as scipy_energy_distance

from gan_lab.errors import UserError
from gan_lab.objectives.energy_distance import energy_distance
from gan_lab.objectives.kernel import distances, negative_distance, rational_quadratic, rbf
from gan_lab.objectives.mmd import mmd
from gan_lab.objectives.sinkhorn import sinkhorn


def clouds(n=8, shape=(3, 4), shift=0.5, dtype=torch.float64):
    real = torch.randn(n, *shape, dtype=dtype)
    return real, torch.randn(n, *shape, dtype=dtype) + shift


def scalar_rbf(x, y):
    m = np.mean((x - y) ** 2)
    return np.mean([np.exp(-m / 2 / s**2) for s in (0.05, 0.1, 0.2, 0.5, 1.0)])


def scalar_rational_quadratic(x, y):
    m = np.mean((x - y) ** 2)
    return np.mean([(1 + m / (2 * a * 0.04)) ** -a for a in (0.2, 0.5, 1, 2, 5)])


@pytest.mark.parametrize("unbiased", [True, False])
@pytest.mark.parametrize(
    ("kernel", "scalar"),
    [
        (rbf, scalar_rbf),
        (rational_quadratic, scalar_rational_quadratic),
        (negative_distance, lambda x, y: -np.sqrt(np.mean((x - y) ** 2))),
    ],
)
def test_mmd_is_its_double_loop(kernel, scalar, unbiased):
    real, fake = clouds(5, shift=0.1)
    x, y = 0.3 * real.numpy(), 0.3 * fake.numpy()
    n, total = 5, 0.0
    for i in range(n):
        for j in range(n):
            within = scalar(x[i], x[j]) + scalar(y[i], y[j])
            if not unbiased:
                total += within / n**2
            elif i != j:
                total += within / (n * (n - 1))
            total -= 2 * scalar(x[i], y[j]) / n**2
    value = mmd(real=0.3 * real, fake=0.3 * fake, kernel=kernel, unbiased=unbiased)
    assert value.shape == (n,)
    assert float(value.mean()) == pytest.approx(total, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(1, 12), shift=st.floats(-3, 3), seed=st.integers(0, 1000))
def test_energy_distance_is_the_square_of_scipys(n, shift, seed):
    rng = torch.Generator().manual_seed(seed)
    real, fake = torch.randn(2, n, 1, generator=rng, dtype=torch.float64)
    fake = fake + shift
    value = float(energy_distance(real=real, fake=fake, unbiased=False).mean())
    expected = scipy_energy_distance(real.flatten().numpy(), fake.flatten().numpy()) ** 2
    assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("loss", [mmd, energy_distance])
def test_unbiased_mean_over_all_batches_is_the_populations(loss):
    """Halmos: a U-statistic averages to itself over all subsets; a V-statistic does not."""
    real, fake = clouds(5, (2,))
    subsets = [list(c) for c in combinations(range(5), 3)]
    for unbiased in (True, False):
        whole = loss(real=real, fake=fake, unbiased=unbiased).mean()
        parts = [loss(real=real[i], fake=fake[j], unbiased=unbiased).mean()
                 for i in subsets for j in subsets]  # fmt: skip
        assert (abs(float(torch.stack(parts).mean() - whole)) < 1e-12) == unbiased


def test_unbiased_needs_two():
    one = torch.zeros(1, 2)
    for loss in (mmd, energy_distance):
        with pytest.raises(UserError, match="2 or more"):
            loss(real=one, fake=one)
        assert float(loss(real=one, fake=one, unbiased=False)) == 0


@pytest.mark.parametrize(
    "statistic",
    [
        lambda x, y: mmd(real=x, fake=y, unbiased=False),
        lambda x, y: mmd(real=x, fake=y, kernel=rbf, unbiased=False),
        lambda x, y: energy_distance(real=x, fake=y, unbiased=False),
        lambda x, y: sinkhorn(real=x, fake=y, iterations=200),
    ],
    ids=["mmd_rq", "mmd_rbf", "energy", "sinkhorn"],
)
def test_a_divergence_is_positive_symmetric_and_zero_for_equal_sets(statistic):
    real, fake = clouds(16)
    value = float(statistic(real, fake).mean())
    assert value > 0.01
    assert float(statistic(fake, real).mean()) == pytest.approx(value, rel=1e-5)
    torch.testing.assert_close(statistic(real, real), torch.zeros(16).double(), atol=1e-12, rtol=0)
    shuffled = real[torch.randperm(16)]
    assert float(statistic(real, shuffled).mean()) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [1, 4])
def test_units_do_not_depend_on_the_number_of_elements(size):
    """The same difference in every element costs the same in 2 and in 2 x size x size elements."""
    real, fake = clouds(6, (2,))
    wide = [x[..., None, None].expand(-1, -1, size, size) for x in (real, fake)]
    for loss in (mmd, energy_distance, sinkhorn):
        torch.testing.assert_close(
            loss(real=wide[0], fake=wide[1]), loss(real=real, fake=fake), rtol=1e-9, atol=1e-12
        )


def test_distance_of_equal_samples_is_exactly_zero():
    """The matrix-multiplication form of cdist, which torch takes from 26 rows on, fails here."""
    x = 100 + torch.randn(64, 3, 8, 8)
    assert distances(x, x).diag().eq(0).all()


def exact(real, fake):
    """Optimal assignment under the mean squared difference, in numpy."""
    x, y = real.flatten(1).numpy(), fake.flatten(1).numpy()
    cost = ((x[:, None] - y[None]) ** 2).mean(-1)
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns].mean(), columns


def test_sinkhorn_at_small_epsilon_is_the_exact_assignment():
    real, fake = clouds(6, (2,))
    fake = fake.requires_grad_()
    value = sinkhorn(real=real, fake=fake, epsilon=0.003, iterations=1000).mean()
    (slope,) = torch.autograd.grad(value, fake)
    expected, columns = exact(real, fake.detach())
    assert float(value.detach()) == pytest.approx(expected, abs=1e-6)
    partner = real[np.argsort(columns)]
    torch.testing.assert_close(slope, 2 * (fake - partner).detach() / 2 / 6, atol=1e-6, rtol=0)


@pytest.mark.parametrize("epsilon", [0.05, 0.5, 5.0])
def test_sinkhorn_of_a_translation_is_its_square(epsilon):
    """With a squared cost the mean splits off: S(x, x + t) = |t|^2 for every epsilon."""
    real, _ = clouds(12, (2,))
    t = torch.tensor([0.3, -0.9], dtype=torch.float64)
    value = sinkhorn(real=real, fake=real + t, epsilon=epsilon, iterations=200).mean()
    assert float(value) == pytest.approx(float(t.square().mean()), rel=1e-6)


def test_sinkhorn_of_two_points_is_their_cost_and_one_update_is_enough():
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, 6.0]])
    assert float(sinkhorn(real=x, fake=y, iterations=1)) == pytest.approx(12.5)


def test_sinkhorn_at_large_epsilon_is_the_gap_of_the_means():
    """S tends to half the MMD of -m, which is the squared gap of the means."""
    real, fake = clouds(8, (2,))
    value = sinkhorn(real=real, fake=fake, epsilon=1e4).mean()
    gap = (real.mean(0) - fake.mean(0)).square().mean()
    assert float(value) == pytest.approx(float(gap), rel=1e-3)


def test_sinkhorn_default_has_converged():
    """The docstring's claim, on 64 points of the plane."""
    rng = torch.Generator().manual_seed(0)
    real = torch.randn(64, 2, generator=rng, dtype=torch.float64) * 0.7
    fake = (torch.randn(64, 2, generator=rng, dtype=torch.float64) * 0.4 + 0.5).requires_grad_()
    results = []
    for options in ({}, {"iterations": 1500}):
        value = sinkhorn(real=real, fake=fake, **options).mean()
        results.append((value.detach(), torch.autograd.grad(value, fake)[0]))
    (value, slope), (exact_value, exact_slope) = results
    assert abs(float(value / exact_value) - 1) < 1e-3
    assert float((slope - exact_slope).norm() / exact_slope.norm()) < 1e-2


def test_sinkhorn_refuses_senseless_numbers():
    x = torch.zeros(2, 2)
    for options in ({"epsilon": 0.0}, {"iterations": 0}):
        with pytest.raises(UserError, match="sinkhorn has epsilon"):
            sinkhorn(real=x, fake=x, **options)
