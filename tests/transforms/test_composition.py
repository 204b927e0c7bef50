import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import OHLC, Composition, Difference, Log, Standard, log_return

PRICES = torch.tensor([[100.0], [110.0], [99.0], [99.0]], dtype=torch.float64)


def test_log_return():
    fitted = log_return().fit(PRICES)
    expected = torch.tensor([1.1, 0.9, 1.0], dtype=torch.float64).log()
    torch.testing.assert_close(fitted.forward(PRICES)[:, 0], expected)
    # A price path from any price on.
    path = fitted.inverse(fitted.forward(PRICES), torch.tensor([[50.0]]))
    torch.testing.assert_close(path, PRICES / 2)


def test_each_stage_is_fitted_to_what_comes_before():
    fitted = Composition((Log(), Difference(), Standard())).fit(PRICES)
    y = fitted.forward(PRICES)
    assert y.mean().abs() < 1e-12
    assert y.std(unbiased=False).item() == pytest.approx(1)


def test_rows_lost_add_up():
    squares = torch.arange(6.0, dtype=torch.float64)[:, None].square()
    fitted = Composition((Difference(), Difference())).fit(squares)
    assert fitted.lost == 2
    assert fitted.forward(squares)[:, 0].tolist() == [2, 2, 2, 2]
    start = torch.tensor([[10.0], [20.0]])
    assert fitted.inverse(torch.zeros(2, 1), start)[:, 0].tolist() == [10, 20, 30, 40]
    with pytest.raises(UserError, match="start has 1 rows; expected 2"):
        fitted.inverse(torch.zeros(2, 1), start[:1])


def test_no_stage_changes_nothing():
    fitted = Composition(()).fit(PRICES)
    assert fitted.lost == 0
    assert torch.equal(fitted.inverse(fitted.forward(PRICES)), PRICES)


def test_names_reach_every_stage():
    with pytest.raises(UserError, match="column price, row "):
        Composition((Standard(), Log())).fit(-PRICES, names=("price",))


def test_returns_of_days_keep_their_order():
    days = torch.tensor(
        [[10.0, 12.0, 9.0, 11.0, 500.0], [11.0, 11.5, 8.0, 8.0, 700.0], [8.0, 9.0, 8.0, 9.0, 600.0]]
    )
    stages = (OHLC(), Log(columns=[4]), Difference(columns=[3, 4]), Standard())
    fitted = Composition(stages).fit(days)
    torch.testing.assert_close(fitted.inverse(fitted.forward(days)), days.double())
    made = fitted.inverse(3 * torch.randn(50, 20, 5, generator=torch.Generator().manual_seed(0)))
    o, high, low, close, volume = made.unbind(-1)
    assert (high >= torch.maximum(o, close)).all()
    assert (low <= torch.minimum(o, close)).all()
    assert (made > 0).all()
    assert volume[:, 0].unique().tolist() == pytest.approx([500])
