import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.mann_whitney import mann_whitney_z

VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(x=VALUES, y=VALUES)
def test_its_p_value_equals_scipys_with_ties(x, y):
    stats = pytest.importorskip("scipy.stats")
    if len({*x, *y}) == 1:
        return
    z = mann_whitney_z(torch.tensor(x).float(), torch.tensor(y).float())
    p = float(torch.special.erfc(torch.tensor(abs(z), dtype=torch.float64) / 2**0.5))
    expected = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False).pvalue
    assert p == pytest.approx(expected, rel=1e-6)


@given(x=VALUES, y=VALUES)
def test_changing_sides_changes_the_sign(x, y):
    a, b = torch.tensor(x).float(), torch.tensor(y).float()
    assert mann_whitney_z(a, b) == pytest.approx(-mann_whitney_z(b, a), abs=1e-12)


def test_smaller_values_are_negative():
    assert mann_whitney_z(torch.zeros(20), torch.ones(20)) < -5


def test_equal_values_give_zero_and_empty_sets_are_refused():
    assert mann_whitney_z(torch.ones(5), torch.ones(3)) == 0.0
    with pytest.raises(UserError, match="empty"):
        mann_whitney_z(torch.ones(0), torch.ones(3))
