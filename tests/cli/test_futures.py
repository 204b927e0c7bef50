"""From a run and a past to a fan: table, quantiles and picture, or one line."""

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image

from gan_lab.calendar import Calendar
from gan_lab.cli import sample
from gan_lab.cli.futures import QUANTILES, quantiles
from gan_lab.cli.past import settings_of
from gan_lab.cli.writers import Drawn
from gan_lab.export.portable import save_generator
from gan_lab.latent import Normal
from gan_lab.networks import lstm
from gan_lab.spec import DataSpec
from gan_lab.transforms import log_return


def prices(n=30, start="2024-01-01"):
    rng = np.random.default_rng(0)
    close = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
    volume = rng.integers(1000, 9000, n)
    return pd.DataFrame(
        {"Date": pd.bdate_range(start, periods=n), "Close": close, "Volume": volume}
    )


def run_of(folder, network=lstm.SelfFedGenerator, **changes):
    table = torch.from_numpy(prices()[["Close", "Volume"]].to_numpy(dtype=float))
    values = {
        "channel_names": ("Close", "Volume"), "scale": (0.01, 0.5), "dtypes": ("float64", "int64"),
        "transform": log_return().fit(table), "anchor": ((100.0, 5000.0),),
        "calendar": Calendar("Date", "2024-02-09", "B"),
    }  # fmt: skip
    spec = DataSpec("prices", "series", 2, (8,), **{**values, **changes})
    target = f"gan_lab.networks.lstm.{network.__name__}"
    save_generator(
        folder / "generator", network=network(spec, 12, width=8), prior=Normal(12), spec=spec,
        generator_config={"_target_": target, "width": 8},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": 12},
    )  # fmt: skip
    return str(folder)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prices().to_csv("last.csv", index=False)
    return tmp_path


def test_a_fan_in_units_types_and_dates_of_the_table(here, capsys):
    run = run_of(here / "run")
    assert sample.main([run, "--given", "last.csv", "--steps", "20", "--paths", "40"]) == 0
    captured = capsys.readouterr()
    assert "40 samples, 800 rows in" in captured.err
    names = ["futures.csv", "futures_quantiles.csv", "futures.png"]
    assert captured.out.split() == [str(here / "run/generated" / name) for name in names]
    made = pd.read_csv("run/generated/futures.csv", parse_dates=["Date"])
    assert list(made.columns) == ["sample", "step", "Date", "Close", "Volume"]
    assert len(made) == 40 * 20
    assert made["Volume"].dtype == np.int64
    assert (made["Date"][:20] == pd.bdate_range("2024-02-12", periods=20)).all()
    last = prices().iloc[-1]
    assert (made.groupby("sample")["Close"].first() / last["Close"]).between(0.9, 1.1).all()
    bands = pd.read_csv("run/generated/futures_quantiles.csv")
    assert list(bands.columns) == ["step", "Date", "quantile", "Close", "Volume"]
    assert len(bands) == 20 * 5
    expected = made[made["step"] == 3]["Close"].quantile(QUANTILES).to_numpy()
    np.testing.assert_allclose(bands[bands["step"] == 3]["Close"], expected, rtol=1e-7)
    with Image.open("run/generated/futures.png") as picture:
        assert picture.width > 700


def test_parquet_and_the_same_seed(here):
    run = run_of(here / "run")
    words = [run, "given=last.csv", "steps=9", "paths=7", "seed=3"]
    for name in ("a.parquet", "b.parquet"):
        assert sample.main([*words, f"output={name}"]) == 0
    first, second = (pd.read_parquet(name) for name in ("a.parquet", "b.parquet"))
    assert first.equals(second)
    assert first["Date"].dtype.kind == "M"
    assert len(pd.read_parquet("a_quantiles.parquet")) == 9 * 5


def test_longer_than_trained_without_a_past(here):
    run = run_of(here / "run", lstm.Generator)
    assert sample.main([run, "steps=30", "n=3", "output=a.csv"]) == 0
    made = pd.read_csv("a.csv", parse_dates=["Date"])
    assert len(made) == 90
    assert made["Date"][0] == pd.Timestamp("2024-02-12")
    assert made["Date"][29] == pd.bdate_range("2024-02-12", periods=30)[-1]
    assert sample.main([run, "steps=8", "n=3", "output=b.csv"]) == 0
    assert sample.main([run, "n=3", "output=c.csv"]) == 0
    assert (here / "b.csv").read_bytes() == (here / "c.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["given=none.csv"], "given: none.csv: no such file"),
        (["given=thin.csv"], "given: thin.csv has no column Volume; it has: Date, Close"),
        (["given=short.csv"], "given: short.csv: 1 rows; expected 2 or more"),
        (["given=last.csv", "steps=0"], "steps=0: expected 1 or more"),
        (["given=last.csv", "start=[1,2]"], "given and start both say where series begin"),
        (["--given"], "--given has no value"),
    ],
)
def test_mistakes_end_before_the_work(here, capsys, words, message):
    prices().drop(columns="Volume").to_csv("thin.csv", index=False)
    prices(1).to_csv("short.csv", index=False)
    assert sample.main([run_of(here / "run"), *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (here / "run/generated").exists()


def test_a_network_that_cannot_go_on_says_which_can(here, capsys):
    assert sample.main([run_of(here / "run", lstm.Generator), "given=last.csv"]) == 2
    assert "train with networks=lstm_self_fed or tcn_self_fed" in capsys.readouterr().err


def test_labels_are_one_for_all(here, capsys):
    run = run_of(here / "run", classes=("calm", "wild"))
    assert sample.main([run, "given=last.csv", "paths=3"]) == 2
    assert "one label; set label= (calm, wild)" in capsys.readouterr().err
    assert sample.main([run, "given=last.csv", "paths=3", "label=wild", "output=a.csv"]) == 0
    assert set(pd.read_csv("a.csv")["label"]) == {"wild"}


def test_quantiles_of_known_paths():
    x = np.arange(101.0).reshape(-1, 1, 1) + np.array([0.0, 1000.0])
    frame = quantiles(Drawn(x, None, DataSpec("t", "series", 1, (2,), channel_names=("v",))))
    assert list(frame.columns) == ["step", "quantile", "v"]
    assert frame["v"].tolist() == [5, 25, 50, 75, 95, 1005, 1025, 1050, 1075, 1095]
    assert frame["quantile"].tolist() == [*QUANTILES, *QUANTILES]


def test_settings_are_those_of_a_table_alone(tmp_path):
    assert settings_of(tmp_path) == {}
    for target, kept in (("gan_lab.data.table.Table", True), ("gan_lab.data.market.Market", False)):
        data = {"_target_": target, "decimal": ","}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({"data": data}))
        assert settings_of(tmp_path) == (data if kept else {})
