import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import Log

NAMES = ("price", "volume")


def test_chosen_columns_only():
    x = torch.tensor([[math.e, -2.0], [1.0, 0.0]], dtype=torch.float64)
    fitted = Log(columns=[0]).fit(x)
    assert fitted.forward(x).tolist() == [[1.0, -2.0], [0.0, 0.0]]


@pytest.mark.parametrize("value", [0.0, -3.5])
def test_non_positive_values_name_column_and_row(value):
    x = torch.ones(6, 2)
    x[4, 1] = value
    with pytest.raises(UserError, match=f"column volume, row 4 is {value}; its logarithm needs"):
        Log().fit(x, NAMES)


def test_new_rows_are_checked_too():
    fitted = Log().fit(torch.ones(6, 2), NAMES)
    x = torch.ones(3, 6, 2)
    x[2, 5, 0] = -1.0
    with pytest.raises(UserError, match="window 2, column price, row 5 is -1"):
        fitted.forward(x)


@pytest.mark.parametrize("columns", [[2], [-1], [0, 0]])
def test_columns_must_exist(columns):
    with pytest.raises(UserError, match=r"expected different ones from 0 to 1"):
        Log(columns=columns).fit(torch.ones(3, 2))


def test_input_is_left_alone():
    x = torch.ones(3, 2, dtype=torch.float64) * 2
    fitted = Log().fit(x)
    fitted.inverse(fitted.forward(x))
    assert (x == 2).all()
