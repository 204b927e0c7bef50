import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.energy import energy_distance


@given(n=st.integers(1, 20), m=st.integers(1, 20), seed=st.integers(0, 1000))
def test_it_is_symmetric_and_never_negative(n, m, seed):
    rng = torch.Generator().manual_seed(seed)
    x, y = (torch.randn(k, 3, generator=rng) for k in (n, m))
    assert energy_distance(x, y) >= -1e-12
    assert energy_distance(x, y) == pytest.approx(energy_distance(y, x), rel=1e-9)


def test_a_set_in_any_order_is_at_distance_zero():
    x = torch.randn(200, 5)
    assert energy_distance(x, x[torch.randperm(200)], block=33) == pytest.approx(0, abs=1e-7)


def test_it_is_the_square_of_scipys_on_the_line():
    stats = pytest.importorskip("scipy.stats")
    x, y = torch.randn(150, 1).double(), torch.rand(90, 1).double()
    expected = stats.energy_distance(x[:, 0].numpy(), y[:, 0].numpy()) ** 2
    assert energy_distance(x, y) == pytest.approx(expected, rel=1e-6)


def test_it_is_linear_in_the_unit_and_blind_to_a_common_shift():
    x, y = torch.randn(40, 3).double(), torch.randn(50, 3).double() + 1
    value = energy_distance(x, y)
    assert energy_distance(5 * x + 7, 5 * y + 7) == pytest.approx(5 * value, rel=1e-9)


def test_fresh_samples_stay_above_zero_by_the_stated_amount():
    """2 E|X - X'| / n on average, E|X - X'| = 2 / sqrt(pi) for normals on the line."""
    values = [energy_distance(torch.randn(100, 1), torch.randn(100, 1)) for _ in range(100)]
    expected = 2 * 2 / torch.pi**0.5 / 100
    assert sum(values) / 100 == pytest.approx(expected, rel=0.25)


def test_an_empty_set_is_refused():
    with pytest.raises(UserError, match="empty"):
        energy_distance(torch.zeros(0, 2), torch.zeros(3, 2))
