import pytest
import torch

from gan_lab.metrics.square_table import SquareTable, blocks_of, search, search_within


def true_squares(x, y):
    return (x.double()[:, None] - y.double()[None]).square().sum(-1)


@pytest.mark.parametrize("d", [1, 30, 500])
@pytest.mark.parametrize("offset", [0.0, 300.0])
def test_the_error_stays_below_its_bound(d, offset):
    x, y = torch.randn(60, d) + offset, torch.randn(80, d) * 3 + offset
    squares, error = SquareTable.of(y, torch.float32).squares(x)
    assert ((squares.double() - true_squares(x, y)).abs() <= error).all()


def test_later_squares_are_the_upper_part():
    x = torch.randn(20, 4).double()
    later = SquareTable.of(x, torch.float64).later_squares(5, 9)
    torch.testing.assert_close(later, true_squares(x, x)[5:9, 5:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("block", [1, 6, 50])
def test_a_search_within_is_a_search_without_the_row_itself(block):
    x = torch.randn(33, 3).double()
    table = SquareTable.of(x, torch.float64)
    within = search_within(table, 4, block)
    across = search(x, table, 4, torch.arange(33), block)
    torch.testing.assert_close(within.square, across.square)
    assert torch.equal(within.index, across.index)


def test_blocks_cover_every_row_once():
    rows = torch.arange(23)
    assert torch.equal(torch.cat([rows[part] for part in blocks_of(23, 5)]), rows)
