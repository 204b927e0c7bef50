"""From a person's table to a synthetic table, by the commands that a person types."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import gan_lab
from gan_lab.cli import interpolate, sample, train
from gan_lab.export.runs import newest

pytestmark = pytest.mark.slow
WORDS = ["networks=cnn1d", "networks.generator.width=4", "networks.critic.width=4"]
WORDS += ["trainer.max_steps=3", "trainer.threads=1", "data.batch_size=8", "data.window=16"]
WORDS += ["data=table", "name=t"]


def prices(n=200):
    rng = np.random.default_rng(0)
    close = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
    first = close * np.exp(rng.normal(0, 0.005, n))
    high = np.maximum(first, close) * np.exp(np.abs(rng.normal(0, 0.005, n)))
    low = np.minimum(first, close) * np.exp(-np.abs(rng.normal(0, 0.005, n)))
    volume = rng.integers(1_000_000, 9_000_000, n)
    columns = {"Open": first, "High": high, "Low": low, "Close": close, "Volume": volume}
    return pd.DataFrame({"Date": pd.bdate_range("2020-01-01", periods=n), **columns})


def possible(frame):
    ends = frame[["Open", "Close"]]
    return bool(
        (frame["Low"] <= ends.min(axis=1)).all() and (frame["High"] >= ends.max(axis=1)).all()
    )


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prices().to_csv("prices.csv", index=False)
    return tmp_path


def run_of(*words):
    assert train.main([*WORDS, *words]) == 0
    return newest(Path("outputs"))


def test_days_in_days_out(here, capsys):
    run = run_of("data.path=prices.csv", "data.transform=ohlc")
    spec = json.loads((run / "generator/spec.json").read_text())
    assert spec["transform"]["_target_"].startswith("gan_lab.transforms.")
    assert sample.main([str(run), "n=1500"]) == 0
    captured = capsys.readouterr()
    assert "1,500 samples, 24,000 rows in" in captured.err
    assert "rows/s" in captured.err
    made = pd.read_csv(run / "generated/samples.csv", parse_dates=["Date"])
    real = prices()
    assert list(made.columns) == ["sample", "step", *real.columns]
    assert made.dtypes[real.columns[1:]].equals(real.dtypes[real.columns[1:]])
    assert len(made) == 1500 * 16
    assert possible(made)
    assert made["Close"].between(20, 500).all()
    # The dates go on after the last one that training saw.
    last = pd.Timestamp(spec["calendar"]["last"])
    assert (made["Date"][:16] == pd.bdate_range(last, periods=17)[1:]).all()
    near = made.groupby("sample")["Close"].first() / spec["anchor"][0][3]
    assert near.between(0.8, 1.25).all()


def test_levels_may_begin_elsewhere(here):
    run = run_of("data.path=prices.csv", "data.transform=ohlc")
    begin = "start=[10,11,9,10.5,1000]"
    assert sample.main([str(run), "n=20", begin, "output=a.parquet"]) == 0
    made = pd.read_parquet("a.parquet")
    assert made["Close"].between(5, 20).all()
    assert possible(made)
    later = prices(40).assign(Date=pd.bdate_range("2024-01-01", periods=40))
    later.to_csv("later.csv", index=False)
    assert sample.main([str(run), "n=20", "start=later.csv", "output=b.csv"]) == 0
    made = pd.read_csv("b.csv")
    assert made["Date"][0] == "2024-02-26"
    assert sample.main([str(run), "n=20", "start=[1,2]", "output=c.csv"]) == 2


@pytest.mark.parametrize("transform", ["none", "log_return", "rank_gaussian", "min_max"])
def test_every_command_reads_such_a_run(here, transform):
    words = ["data.path=prices.csv", f"data.transform={transform}", "data.columns=[Open,Close]"]
    run = run_of(*words, "callbacks.sample_grid.every=2", "callbacks.interpolation.every=2")
    x = gan_lab.load(run).sample(3)
    assert x.shape == (3, 2, 16 + (transform == "log_return"))
    assert x.dtype == torch.float64
    assert sample.main([str(run), "n=3"]) == 0
    assert np.array_equal(np.load(run / "generated/samples.npy")[:3], x.numpy())
    assert interpolate.main([str(run), "rows=2", "steps=3"]) == 0
    assert np.load(run / "generated/interpolation.npy").shape[:3] == (2, 3, 2)


def test_a_bad_table_ends_before_training(here, capsys):
    frame = prices()
    frame.loc[7, "Close"] = np.nan
    frame.to_csv("holes.csv", index=False)
    assert train.main([*WORDS, "data.path=holes.csv"]) == 2
    error = capsys.readouterr().err
    assert "column Close, row 7 (line 9, 2020-01-10) is missing" in error
    assert not list(Path("outputs").rglob("config.yaml"))
