import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import Difference

X = torch.tensor([[1.0, 5.0], [4.0, 6.0], [2.0, 9.0]], dtype=torch.float64)


def test_changes_and_the_row_that_is_lost():
    fitted = Difference().fit(X)
    assert fitted.lost == 1
    assert fitted.forward(X).tolist() == [[3, 1], [-2, 3]]
    assert fitted.anchor == (1.0, 5.0)
    assert torch.equal(fitted.inverse(fitted.forward(X)), X)


def test_other_columns_keep_their_values():
    fitted = Difference(columns=[1]).fit(X)
    y = fitted.forward(X)
    assert y.tolist() == [[4, 1], [2, 3]]
    assert torch.equal(fitted.inverse(y), X)


def test_every_window_begins_where_it_is_told():
    fitted = Difference().fit(X)
    start = torch.tensor([[[10.0, 20.0]], [[30.0, 40.0]]])
    found = fitted.inverse(torch.ones(2, 3, 2), start)
    assert found[0].tolist() == [[10, 20], [11, 21], [12, 22], [13, 23]]
    assert found[1, :, 0].tolist() == [30, 31, 32, 33]


def test_start_needs_one_row_per_window():
    with pytest.raises(UserError, match="expected one row per window"):
        Difference().fit(X).inverse(torch.ones(2, 3, 2), torch.ones(2, 2, 2))


def test_one_row_gives_none():
    assert Difference().fit(X[:1]).forward(X[:1]).shape == (0, 2)
    with pytest.raises(UserError, match="no row"):
        Difference().fit(X).forward(X[:0])
