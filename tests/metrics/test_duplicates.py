import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.duplicates import (
    duplicates_between,
    duplicates_within,
    exact_within,
    support_size,
)


def test_planted_twins_are_found():
    x = torch.randn(200, 10)
    x[150] = x[3]
    x[160] = x[4] + 1e-3
    report = duplicates_within(x)
    assert report.exact == 2
    assert report.near == 4
    assert report.pairs[:2] == ((3, 150), (150, 3))
    assert set(report.pairs[2:]) == {(4, 160), (160, 4)}


def test_a_set_without_twins_has_none():
    report = duplicates_within(torch.randn(300, 10))
    assert (report.exact, report.near, report.pairs) == (0, 0, ())


def test_rows_that_leaked_into_the_other_set_are_found():
    x, y = torch.randn(100, 10), torch.randn(50, 10)
    y[7] = x[30]
    report = duplicates_between(x, y)
    assert (report.exact, report.pairs) == (1, ((30, 7),))


def test_a_set_of_one_repeated_row_is_all_twins():
    report = duplicates_within(torch.ones(6, 2))
    assert (report.exact, report.near, report.radius) == (6, 6, 0.0)


@pytest.mark.parametrize("support", [50, 1000])
def test_the_birthday_paradox_finds_the_size_of_a_uniform_support(support):
    """95 % intervals: about 38 of 40 hold the truth."""
    rng = torch.Generator().manual_seed(0)
    inside = 0
    for _ in range(40):
        x = torch.randint(support, (300, 1), generator=rng).float()
        result = support_size(x, radius=0.0)
        inside += result.low <= support <= result.high
    assert inside >= 33


def test_no_pair_gives_a_lower_bound_alone():
    """Without a pair a Poisson mean is at most 3.689 (-log .025)."""
    result = support_size(torch.arange(10.0)[:, None], radius=0.5)
    assert (result.pairs, result.size, result.high) == (0, torch.inf, torch.inf)
    assert result.low == pytest.approx(45 / 3.6889, rel=1e-3)


def test_the_interval_is_that_of_garwood():
    """Three pairs: the Poisson mean lies in [.6187, 8.7673]."""
    x = torch.tensor([0.0, 0.0, 0.0, 5.0])[:, None]
    result = support_size(x, radius=0.0)
    assert result.pairs == 3
    assert (6 / result.high, 6 / result.low) == pytest.approx((0.6187, 8.7673), rel=1e-3)


def test_a_negative_radius_is_refused():
    with pytest.raises(UserError, match="radius"):
        support_size(torch.zeros(3, 1), radius=-1.0)


def test_exact_twins_by_order_are_those_by_distance():
    rng = torch.Generator().manual_seed(0)
    x = torch.randint(0, 3, (200, 4), generator=rng).float()
    assert exact_within(x) == duplicates_within(x).exact > 0
    assert exact_within(torch.randn(50, 3)) == 0
