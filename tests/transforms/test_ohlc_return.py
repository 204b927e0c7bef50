import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import Composition, Difference, Log, MinMax, OHLCReturn

NAMES = ("Volume", "Open", "High", "Low", "Close", "Spread")
DAYS = torch.tensor(
    [
        [500.0, 10.0, 12.0, 9.0, 11.0, -1.0],
        [700.0, 11.0, 11.5, 8.0, 8.0, 2.0],
        [600.0, 8.0, 9.0, 8.0, 9.0, 0.5],
    ],
    dtype=torch.float64,
)


def test_prices_become_ranges_and_the_rest_changes():
    y = OHLCReturn().fit(DAYS, NAMES).forward(DAYS)
    assert y.shape == (2, 6)
    close, volume = DAYS[:, 4].log().diff(), DAYS[:, 0].log().diff()
    torch.testing.assert_close(y[:, 4], close)
    torch.testing.assert_close(y[:, 0], volume)
    # A column with negative values has no logarithm.
    torch.testing.assert_close(y[:, 5], DAYS[:, 5].diff())
    torch.testing.assert_close(y[:, 1], (DAYS[1:, 1] / DAYS[1:, 4]).log())


def test_there_and_back():
    fitted = OHLCReturn().fit(DAYS, NAMES)
    torch.testing.assert_close(fitted.inverse(fitted.forward(DAYS)), DAYS, rtol=1e-13, atol=1e-13)


def test_columns_by_number_and_missing_ones():
    by_number = OHLCReturn(1, 2, 3, 4).fit(DAYS)
    by_name = OHLCReturn().fit(DAYS, NAMES)
    assert torch.equal(by_number.forward(DAYS), by_name.forward(DAYS))
    with pytest.raises(UserError, match="no column close; columns: a, open, high, low, c, d"):
        OHLCReturn().fit(DAYS, ("a", "open", "high", "low", "c", "d"))


def test_columns_of_other_transforms_by_name():
    assert Log(["close"]).fit(DAYS, NAMES).columns == (4,)
    assert Difference(["Close", 0]).fit(DAYS, NAMES).columns == (4, 0)


def test_stages_see_several_series_apart():
    parts = [torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([[100.0], [101.0]])]
    fitted = Composition((Difference(), MinMax())).fit(torch.cat(parts), series=[3, 2])
    # Changes are 1, 2 and 1; from 3 to 100 there is none.
    assert fitted.forward(parts[0])[:, 0].tolist() == [-1, 1]


def test_what_is_left_to_scale():
    for transform, scaled in (
        (OHLCReturn(1, 2, 3, 4), False),
        (Log([0]), False),
        (MinMax(), True),
        (Composition((Difference(), MinMax())), True),
        (Composition(()), False),
    ):
        assert transform.fit(DAYS, NAMES).scaled == scaled
