import math

import pytest
import torch

from gan_lab.data.market import log_levels
from gan_lab.errors import UserError
from gan_lab.transforms import OHLC

DAY = torch.tensor([[10.0, 12.0, 9.0, 11.0]])


def test_codes_in_closed_form():
    code = OHLC().fit(DAY).forward(DAY)[0].tolist()
    expected = [math.log(10 / 11), math.log(12 / 11), math.log(10 / 9), math.log(11)]
    assert code == pytest.approx(expected)


def test_any_numbers_decode_to_a_possible_day():
    y = 5 * torch.randn(10_000, 4, generator=torch.Generator().manual_seed(0))
    prices = OHLC().fit(DAY).inverse(y)
    for x in (prices, prices.float()):
        o, high, low, close = x.unbind(-1)
        assert (low <= torch.minimum(o, close)).all()
        assert (torch.maximum(o, close) <= high).all()
        assert (low > 0).all()
    # Half of the days close or open at their high: that can be made, too.
    at_high = prices[:, 1] == prices[:, [0, 3]].amax(dim=1)
    assert at_high.double().mean() == pytest.approx(0.5, abs=0.025)


def test_columns_in_any_order_and_others_stay():
    x = torch.cat([DAY[:, [3, 1]], torch.tensor([[-7.0]]), DAY[:, [2, 0]]], dim=1)
    fitted = OHLC(open=4, high=1, low=3, close=0).fit(x)
    y = fitted.forward(x)
    assert y[0, 2] == -7
    assert y[0, 0].item() == pytest.approx(math.log(11))
    torch.testing.assert_close(fitted.inverse(y), x.double())


def test_twenty_years_of_two_indices_return():
    levels, names = log_levels()
    prices = levels.exp()
    for first in (0, 5):
        code = OHLC(first, first + 1, first + 2, first + 3).fit(prices, names)
        y = code.forward(prices)
        assert (y[:, [first + 1, first + 2]] >= 0).all()
        torch.testing.assert_close(code.inverse(y), prices, rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (1, 10.5, "column high, row 1 is 10.5; expected low <= open, close <= high"),
        (2, 10.5, "column low, row 1 is 10.5; expected low <= open"),
        (3, 0.0, "column close, row 1 is 0.0; a price must be positive"),
    ],
)
def test_impossible_days_name_column_and_row(column, value, message):
    x = DAY.repeat(3, 1)
    x[1, column] = value
    with pytest.raises(UserError, match=message):
        OHLC().fit(x, names=("open", "high", "low", "close"))


def test_columns_must_exist():
    with pytest.raises(UserError, match="expected different ones"):
        OHLC(close=4).fit(DAY)
