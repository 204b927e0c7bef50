import pytest
import torch

from gan_lab.data.market import Market, log_levels
from gan_lab.data.series import windowed
from gan_lab.data.split import Shares
from gan_lab.errors import UserError


@pytest.fixture(scope="module")
def market():
    data = Market()
    data.setup()
    return data


def test_levels_are_those_of_the_package():
    levels, names = log_levels()
    assert levels.shape == (5029, 10)
    assert names[:2] == ("sp500_open", "sp500_high")
    assert names[-1] == "nasdaq_volume"
    assert levels[0, 0].exp() == pytest.approx(1229.22998)
    assert levels.isfinite().all()
    # No day closes above its high.
    assert (levels[:, 3] <= levels[:, 1] + 1e-6).all()


def test_shape_and_names(market):
    assert market.spec.shape == (10, 32)
    assert market.spec.modality == "series"
    assert market.spec.channel_names[5] == "nasdaq_open"


def test_held_out_comes_last_with_a_gap(market):
    last_train_day = market.train.start.max() + 31
    assert last_train_day < market.held_out.start.min()
    assert market.held_out.start.min() - market.train.start.max() == 32
    assert market.held_out.start.max() + 32 == 5028
    share = len(market.held_out) / (5028 - 31)
    assert share == pytest.approx(0.2, abs=1e-3)


def test_units_are_log_returns(market):
    levels, _ = log_levels()
    i = 1000
    start = market.train.start[i]
    expected = levels.diff(dim=0)[start : start + 32].T.float()
    assert torch.allclose(market.spec.to_units(market.train.x[i : i + 1])[0], expected, atol=1e-5)


def test_standardised_by_the_training_part_only(market):
    steps = torch.cat([market.train.x[::32].transpose(1, 2).flatten(0, 1)])
    assert steps.mean(dim=0).abs().max() < 0.02
    assert (steps.std(dim=0) - 1).abs().max() < 0.02
    levels, _ = log_levels()
    returns = levels.diff(dim=0)[: market.train.start.max() + 32]
    assert torch.allclose(
        torch.tensor(market.spec.scale, dtype=torch.float64), returns.std(dim=0), rtol=1e-3
    )


def test_held_out_values_cannot_move_the_scale():
    def spec(last):
        table = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
        table[90:] = last
        return cut(table, window=5).spec

    assert spec(1.0) == spec(1000.0)


def cut(table, window=5, stride=1):
    return windowed(
        table, name="t", channel_names=("a", "b"), window=window, stride=stride, shares=Shares()
    )


def test_validation_values_cannot_move_the_scale_either():
    def spec(middle):
        table = torch.randn(200, 2, generator=torch.Generator().manual_seed(0))
        table[115:] = middle
        shares = Shares(held_out=0.2, validation=0.2, gap=5)
        return windowed(
            table, name="t", channel_names=("a", "b"), window=5, stride=1, shares=shares
        ).spec

    assert spec(1.0) == spec(1000.0)


def test_stride_and_constant_channel():
    table = torch.stack([torch.arange(50.0), torch.full((50,), 3.0)], dim=1)
    samples = cut(table, window=4, stride=3)
    assert samples.start.tolist() == list(range(0, 47, 3))
    units = samples.spec.to_units(samples.x)
    assert torch.allclose(units[2, 0], torch.arange(6.0, 10.0), atol=1e-4)
    assert (units[:, 1] == 3).all()


def test_missing_values_are_refused():
    table = torch.randn(50, 2)
    table[3, 1] = float("nan")
    with pytest.raises(UserError, match="missing or infinite"):
        cut(table)


def test_window_longer_than_the_series():
    with pytest.raises(UserError, match=r"data\.window=6000"):
        Market(window=6000).load()


@pytest.mark.parametrize("bad", [{"window": 1}, {"stride": 0}])
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Market(**bad)
