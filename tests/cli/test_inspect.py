"""What a person sees of the data before training."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from gan_lab.cli import inspect
from gan_lab.cli.courses import stitched
from gan_lab.data.samples import Samples
from gan_lab.spec import DataSpec


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def prices(n=300):
    rng = np.random.default_rng(0)
    close = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
    season = 5 + np.sin(2 * np.pi * np.arange(n) / 7) + rng.normal(0, 0.2, n)
    dates = pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "close": close, "visits": season})


def facts(folder):
    return json.loads((folder / "inspect.json").read_text())


def test_a_clean_table(here, capsys):
    prices().to_csv("shop.csv", index=False)
    assert inspect.main(["data=table", "data.path=shop.csv"]) == 0
    out = capsys.readouterr().out
    assert "300 rows in 1 series, 2024-01-01 to 2024-10-26, step D" in out
    assert "suggested: data.transform=log_return" in out
    found = facts(here / "outputs/inspect/shop")
    assert found["refused"] == 0
    assert found["channels"]["close"]["verdict"] == "unit root"
    assert found["channels"]["close"]["order"] == 1
    assert found["channels"]["visits"]["period"] == 7
    assert len(found["channels"]["visits"]["autocorrelation"]) == 20
    assert found["missing"] == {"close": 0.0, "visits": 0.0}
    with Image.open(here / "outputs/inspect/shop/inspect.png") as picture:
        assert picture.size[0] > 800


def test_a_table_that_training_would_refuse(here, capsys):
    frame = prices(60).astype({"close": object})
    frame.loc[5, "visits"] = np.nan
    frame.loc[9, "close"] = "n/a [sic]"
    frame["flat"] = 1
    frame.to_csv("shop.csv", index=False)
    assert inspect.main(["data=table", "data.path=shop.csv", "output=looks"]) == 0
    out = capsys.readouterr().out
    for words in ("refused", "n/a [sic]", "column visits", "flat is 1", "stand in the way"):
        assert words in " ".join(out.split())
    found = facts(here / "looks/inspect/shop")
    assert found["refused"] == 3
    assert found["missing"]["visits"] == pytest.approx(1 / 60)
    assert found["channels"]["flat"]["verdict"] == "undefined"
    assert found["channels"]["flat"]["adf_p"] is None


def test_days_of_open_high_low_close(here, capsys):
    close = prices()["close"]
    days = {"Open": close * 0.99, "High": close * 1.02, "Low": close * 0.98, "Close": close}
    pd.DataFrame(days).to_csv("stock.csv", index=False)
    assert inspect.main(["data=table", "data.path=stock.csv"]) == 0
    out = capsys.readouterr().out
    assert "suggested: data.transform=ohlc" in out
    assert "no dates" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data=table"], "data.path=FILE"),
        (["data=table", "data.path=absent.csv"], "no such file"),
        (["data=tabel"], "did you mean 'table'"),
        (["data=table", "data.pth=x"], "did you mean 'data.path'"),
    ],
)
def test_mistakes_are_one_line(here, capsys, words, message):
    assert inspect.main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_tables_too_small_to_test(here, capsys, n):
    prices(n).to_csv("tiny.csv", index=False)
    assert inspect.main(["data=table", "data.path=tiny.csv"]) == 2
    assert "error: " in capsys.readouterr().err


def test_other_data_sets(here, capsys):
    assert inspect.main(["data=digits8"]) == 0
    out = capsys.readouterr().out
    assert "images of 1 x 8 x 8" in out
    assert "0: 14" in out
    assert inspect.main(["data=garch", "data.n=300"]) == 0
    assert "stationary" in capsys.readouterr().out
    assert facts(here / "outputs/inspect/garch")["suggestion"] in ("none", "rank_gaussian")


def test_help_reads_nothing(capsys):
    assert inspect.main(["--help"]) == 0
    assert "gan-lab inspect data=market" in capsys.readouterr().out


@pytest.mark.parametrize("stride", [1, 3])
def test_overlapping_windows_become_their_path_again(stride):
    path = torch.randn(2, 40)
    windows = path.unfold(1, 5, stride).transpose(0, 1)
    spec = DataSpec("s", "series", channels=2, spatial=(5,))
    start = torch.arange(0, 36, stride)
    rows = Samples(windows, None, spec, start)
    first, last = torch.arange(len(start) - 4), torch.arange(len(start) - 4, len(start))
    found = stitched(rows.select(first), rows.select(last))
    expected = path[:, : int(start[-1]) + 5]
    np.testing.assert_allclose(found.values[0], expected.numpy())


def test_windows_of_several_series_stay_apart():
    spec = DataSpec("s", "series", channels=1, spatial=(5,))
    rows = Samples(torch.randn(6, 1, 5), None, spec, torch.tensor([0, 1, 2, 0, 1, 2]))
    half = torch.arange(3)
    assert stitched(rows.select(half), rows.select(half + 3)).values.shape == (6, 1, 5)
