"""Windows of a table: which rows they hold, in which units, and the way back."""

import numpy as np
import pandas as pd
import pytest
import torch

from gan_lab.data.table import Table
from gan_lab.errors import UserError
from gan_lab.transforms import (
    Composition,
    Difference,
    Log,
    MinMax,
    OHLCReturn,
    RankGaussian,
    Robust,
    Standard,
    log_return,
)

NONE = Composition(())
ALL = [NONE, Log(), Difference(), log_return(), Standard(), Robust(), MinMax(), RankGaussian()]
ALL += [OHLCReturn(), Composition((Log(), Difference(), Difference()))]


def prices(n=120, seed=0, first="2020-01-01"):
    """Possible days, whole volumes and weekdays."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
    first_price = close * np.exp(rng.normal(0, 0.005, n))
    high = np.maximum(first_price, close) * np.exp(np.abs(rng.normal(0, 0.005, n)))
    low = np.minimum(first_price, close) * np.exp(-np.abs(rng.normal(0, 0.005, n)))
    volume = rng.integers(1_000_000, 9_000_000, n)
    columns = {"Open": first_price, "High": high, "Low": low, "Close": close, "Volume": volume}
    return pd.DataFrame({"Date": pd.bdate_range(first, periods=n), **columns})


@pytest.fixture
def csv(tmp_path):
    file = tmp_path / "quotes.csv"
    prices().to_csv(file, index=False)
    return file


@pytest.mark.parametrize("transform", ALL, ids=str)
def test_windows_return_to_the_rows_of_the_file(csv, transform):
    data = Table(csv, transform=transform, window=8)
    data.setup()
    spec, known = data.spec, data.spec.known_steps
    values = torch.from_numpy(prices().iloc[:, 1:].to_numpy(dtype=np.float64))
    for part in (data.train, data.held_out):
        assert part.x.shape[1:] == spec.shape == (5, 8)
        rows = torch.stack([values[i : i + 8 + known] for i in part.start.tolist()])
        found = spec.to_units(part.x, rows[:, :known])
        assert found.dtype == torch.float64
        # Sums of sums of float32 changes: their rounding adds up over the window.
        rtol = 1e-6 if known < 2 else 4e-6
        torch.testing.assert_close(found, rows.mT, rtol=rtol, atol=0)
        torch.testing.assert_close(spec.from_units(found), part.x, rtol=1e-5, atol=1e-5)
        assert spec.to_window_units(part.x).shape == part.x.shape


@pytest.mark.parametrize("transform", ALL, ids=str)
def test_only_training_rows_are_fitted(csv, tmp_path, transform):
    data = Table(csv, transform=transform, window=8)
    data.setup()
    first_held_out = int(data.held_out.start.min()) + data.spec.known_steps
    frame = prices()
    frame.loc[first_held_out:, frame.columns[1:]] *= 3
    frame.to_csv(tmp_path / "later.csv", index=False)
    other = Table(tmp_path / "later.csv", transform=transform, window=8)
    other.setup()
    assert other.spec.transform == data.spec.transform
    assert (other.spec.scale, other.spec.offset) == (data.spec.scale, data.spec.offset)
    assert (other.spec.anchor, other.spec.calendar) == (data.spec.anchor, data.spec.calendar)
    assert torch.equal(other.train.x, data.train.x)


@pytest.mark.parametrize("transform", ALL, ids=str)
def test_networks_see_unit_variance_or_the_declared_range(csv, transform):
    data = Table(csv, transform=transform, window=8)
    data.setup()
    assert 0.3 < data.train.x.std() < 2.5
    assert data.spec.scale == (1.0,) * 5 or not data.spec.transform.scaled


def test_training_and_held_out_windows_share_no_row(csv):
    data = Table(csv, window=8, transform=log_return())
    data.setup()
    assert data.train.start.max() + 8 <= data.held_out.start.min()
    assert len(data.train) > len(data.held_out) > 0


def test_names_types_and_dates_are_kept(csv):
    data = Table(csv, window=8, transform=log_return())
    data.setup()
    spec, frame = data.spec, prices()
    assert spec.name == "quotes"
    assert spec.channel_names == ("Open", "High", "Low", "Close", "Volume")
    assert spec.dtypes == ("float64",) * 4 + ("int64",)
    assert (spec.calendar.name, spec.calendar.step) == ("Date", "B")
    end = int(data.train.start.max()) + 8
    assert spec.calendar.last == str(frame["Date"][end].date())
    assert spec.anchor[0] == tuple(frame.iloc[end, 1:])


def test_generated_levels_go_on_from_the_end_of_the_training_data(csv):
    spec = Table(csv, window=8, transform=log_return()).load().spec
    still = spec.from_units(torch.tensor(spec.anchor).mT[None].expand(-1, -1, 9))
    torch.testing.assert_close(
        spec.to_units(still), torch.tensor(spec.anchor).mT[None].expand(1, -1, 9).double(),
        rtol=1e-5, atol=0,
    )  # fmt: skip
    start = torch.arange(1.0, 6.0)[None]
    assert spec.to_units(still, start)[0, :, -1].tolist() == pytest.approx([1, 2, 3, 4, 5], 1e-5)


def test_whatever_a_network_makes_is_a_possible_day(csv):
    spec = Table(csv, window=8, transform=OHLCReturn()).load().spec
    x = 4 * torch.randn(500, 5, 8, generator=torch.Generator().manual_seed(0))
    first, high, low, close, volume = spec.to_units(x).unbind(1)
    assert (low <= torch.minimum(first, close)).all()
    assert (high >= torch.maximum(first, close)).all()
    assert (low > 0).all()
    assert (volume > 0).all()


def test_windows_never_cross_series(tmp_path):
    for name, level, n in (("a", 0.0, 40), ("b", 1000.0, 30)):
        values = level + np.arange(n) % 7
        (tmp_path / f"{name}.csv").write_text("\n".join(["x", *map(str, values)]))
    data = Table(tmp_path, window=5, transform=Difference())
    data.setup()
    changes = torch.cat([data.spec.to_window_units(p.x) for p in (data.train, data.held_out)])
    assert changes.abs().max() < 7
    # Both series have windows in both parts; the clock puts their ends together.
    levels = data.load().spec.anchor
    assert levels[0][0] < 7
    assert data.train.start.max() + 5 <= data.held_out.start.min()
    counts = 40 + 30 - 2 * 5
    assert len(data.train) + len(data.held_out) <= counts


def test_groups_are_series(tmp_path):
    frames = [prices(60, seed).assign(ticker=name) for seed, name in enumerate("xyz")]
    frame = pd.concat(frames).sort_values(["Date", "ticker"])
    frame.to_csv(tmp_path / "all.csv", index=False)
    content = Table(tmp_path / "all.csv", group="ticker", window=8).examine()
    assert [h.name for h in content.histories] == ["all, x", "all, y", "all, z"]
    for history, one in zip(content.histories, frames, strict=True):
        np.testing.assert_allclose(history.values, one.iloc[:, 1:6].to_numpy(float), rtol=1e-12)
    data = Table(tmp_path / "all.csv", group="ticker", window=8, transform=OHLCReturn())
    data.setup()
    assert data.train.start.max() + 8 <= data.held_out.start.min()
    assert data.train.start.unique(return_counts=True)[1].max() == 3
    assert "ticker" not in data.spec.channel_names
    with pytest.raises(UserError, match=r"no column 'symbol' for data\.group"):
        Table(tmp_path / "all.csv", group="symbol").load()
    with pytest.raises(UserError, match=r"data\.group=COLUMN"):
        Table(tmp_path / "all.csv").load()


def test_a_series_that_ends_earlier_is_trained_on_longer(tmp_path):
    prices(60, 0).to_csv(tmp_path / "new.csv", index=False)
    prices(60, 1, "2019-06-03").to_csv(tmp_path / "old.csv", index=False)
    data = Table(tmp_path, window=8)
    data.setup()
    # All windows of the older series end before the newer one's held-out part begins.
    assert len(data.train) + len(data.held_out) + 7 == 2 * (60 - 8 + 1)
    assert data.held_out.start.min() > data.train.start.max()


def test_a_stage_after_differences_does_not_see_the_seams(tmp_path):
    for name, level in (("a", 0.0), ("b", 1e6)):
        (tmp_path / f"{name}.csv").write_text(
            "\n".join(["x", *(str(level + (i * i) % 11) for i in range(40))])
        )
    transform = Composition((Difference(), MinMax()))
    data = Table(tmp_path, window=5, transform=transform)
    data.setup()
    assert float(data.train.x.max()) == pytest.approx(1.0)


def test_files_need_the_same_columns(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2.5\n2,3.5\n")
    (tmp_path / "b.csv").write_text("x,z\n1,2.5\n2,3.5\n")
    with pytest.raises(UserError, match=r"b\.csv has the columns x, z, but .*data\.columns"):
        Table(tmp_path, window=2).load()


def test_index_columns_are_no_channels(tmp_path):
    prices(40).reset_index(drop=True).to_csv(tmp_path / "saved.csv")
    assert Table(tmp_path / "saved.csv", window=4).load().spec.channels == 5
    prices(40).set_index("Date").rename_axis(None).to_csv(tmp_path / "dated.csv")
    spec = Table(tmp_path / "dated.csv", window=4).load().spec
    assert spec.channels == 5
    assert spec.calendar.name == "date"


def test_parquet_is_the_same_table(csv, tmp_path):
    pytest.importorskip("pyarrow")
    prices().to_parquet(tmp_path / "quotes.parquet")
    a, b = (Table(f, transform=log_return()) for f in (csv, tmp_path / "quotes.parquet"))
    assert a.fingerprint() == b.fingerprint()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["Price"]}, "no column Price.*Date, Open"),
        ({"columns": ["Date", "Open"]}, "Date holds text"),
        ({"window": 121}, r"quotes \(120 rows\): fewer rows than the 121"),
        ({"window": 120, "transform": Difference()}, r"data\.window=120.*119 steps"),
        ({"window": 100}, "leave none for training"),
        ({"transform": "square"}, r"data\.transform is 'square'; expected one of: none"),
        ({"transform": OHLCReturn(close="adj")}, "no column adj"),
        ({"transform": OHLCReturn(high="Low", low="High")}, "column .*expected low <= open"),
        ({"separator": ";"}, "no column of numbers"),
    ],
)
def test_what_does_not_fit_is_told(csv, options, message):
    with pytest.raises(UserError, match=message):
        Table(csv, **options).load()


def test_values_outside_the_domain_name_series_column_and_row(csv, tmp_path):
    frame = prices()
    frame.loc[110, "Volume"] = 0
    frame.to_csv(tmp_path / "zero.csv", index=False)
    with pytest.raises(UserError, match=r"zero: column Volume, row 110 is 0\.0"):
        Table(tmp_path / "zero.csv", transform=log_return()).load()


@pytest.mark.parametrize("content", [None, "", "a,b\nx,y\n", 'a\n"1'])
def test_unusable_files(tmp_path, content):
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UserError, match=r"bad\.csv.*give a CSV"):
        Table(file).load()


@pytest.mark.parametrize("bad", [{"window": 1}, {"stride": 0}, {"missing": "guess"}])
def test_bad_values(csv, bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Table(csv, **bad)


def test_a_path_must_be_given():
    with pytest.raises(UserError, match=r"data\.path=FILE"):
        Table()


def test_long_jumps_in_the_clock(tmp_path):
    """A thousand rows between the ends of two series leave the split exact."""
    prices(60, 0, "2024-01-01").to_csv(tmp_path / "new.csv", index=False)
    prices(60, 1, "1990-01-01").to_csv(tmp_path / "old.csv", index=False)
    data = Table(tmp_path, window=8, held_out=0.3)
    data.setup()
    assert data.train.start.max() + 8 <= data.held_out.start.min()
    assert len(data.train) >= 53
