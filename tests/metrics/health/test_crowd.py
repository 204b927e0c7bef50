import pytest
import torch

from gan_lab.metrics.health.crowd import crowd, energy, leak, yardstick


def normal(n, d=3, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_energy_distance_of_two_points_masses_and_against_loops():
    x, y = normal(7), normal(5, seed=1) + 1
    far = [float((a - b).norm()) for a in x for b in y]
    xx = [float((a - b).norm()) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    yy = [float((a - b).norm()) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    want = 2 * sum(far) / 35 - sum(xx) / 42 - sum(yy) / 20
    assert energy(x, y) == pytest.approx(want, rel=1e-5)


def test_the_same_population_is_close_as_wide_and_as_varied():
    found = crowd(normal(2000, seed=1), yardstick(normal(2000)))
    assert found.distance == pytest.approx(0.0, abs=0.005)
    assert found.diversity == pytest.approx(1.0, abs=0.03)
    assert found.variety == pytest.approx(1.0, abs=0.01)
    assert found.duplicates == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_units_do_not_matter(scale):
    first = vars(crowd(normal(50, seed=1) + 1, yardstick(normal(50))))
    second = vars(crowd(scale * (normal(50, seed=1) + 1), yardstick(scale * normal(50))))
    assert second == pytest.approx(first, rel=1e-4)


def test_collapse_is_seen():
    real = yardstick(normal(100))
    point = crowd(torch.ones(100, 3), real)
    assert point.diversity == 0
    assert point.variety == pytest.approx(0.0, abs=1e-6)
    assert point.duplicates == 1


def test_two_opposite_places_are_far_apart_but_have_no_variety():
    real = yardstick(normal(100))
    ends = torch.tensor([[3.0, 0, 0], [-3.0, 0, 0]]).repeat(50, 1) + real.centre
    found = crowd(ends, real)
    assert found.diversity > 1
    assert found.variety == pytest.approx(0.0, abs=1e-4)


def test_twins_of_discrete_data_are_no_fault():
    rows = torch.tensor([[0.0], [1.0], [2.0], [5.0]]).repeat(10, 1)
    assert crowd(rows, yardstick(rows)).duplicates == 0


def test_constant_data_give_finite_numbers():
    found = crowd(normal(10), yardstick(torch.zeros(10, 3)))
    assert all(value == value and abs(value) < float("inf") for value in vars(found).values())


def test_leak_is_nought_for_clean_one_for_augmented_and_a_mixture_between():
    clean, augmented = normal(3000), normal(3000, seed=1) + 3
    assert leak(normal(3000, seed=2), clean, augmented)[0] == pytest.approx(0.0, abs=0.02)
    t, share = leak(normal(3000, seed=2) + 3, clean, augmented)
    assert (t, share) == pytest.approx((1.0, 1.0), abs=0.02)
    half = torch.cat([normal(1500, seed=2), normal(1500, seed=3) + 3])
    t, share = leak(half, clean, augmented)
    assert (t, share) == pytest.approx((0.5, 1.0), abs=0.03)


def test_samples_that_are_wrong_in_another_way_do_not_leak():
    shift = torch.tensor([3.0, 0.0, 0.0])
    aside = torch.tensor([0.0, 3.0, 0.0])
    t, share = leak(normal(2000, seed=2) + aside, normal(2000), normal(2000, seed=1) + shift)
    assert t < 0.5
    assert share < 0.5


def test_an_augmentation_that_cannot_be_seen_cannot_leak():
    assert leak(normal(500, seed=2) + 5, normal(500), normal(500, seed=1)) is None
