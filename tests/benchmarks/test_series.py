"""The protocol's parts, and one tiny run that goes on where it stopped."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lab.errors import UserError

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "series.py"


@pytest.fixture(scope="module")
def series():
    loading = importlib.util.spec_from_file_location("series_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(loading)
    sys.modules["series_benchmark"] = module
    loading.loader.exec_module(module)
    yield module
    del sys.modules["series_benchmark"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prices.csv"
    table = np.random.default_rng(0).normal(size=(1500, 3)).cumsum(0)
    np.savetxt(path, table, delimiter=",", header="a,b,c", comments="")
    return path, table


def test_windows_are_those_of_the_protocol(series, file):
    path, table = file
    data = series.stocks(str(path), reverse=False)
    assert data.x.shape == (1500 - 24, 3, 24)
    scaled = (table - table.min(0)) / (table.max(0) - table.min(0))
    np.testing.assert_allclose(data.x[7].T, scaled[7:31], atol=1e-6)
    back = series.stocks(str(path), reverse=True)
    np.testing.assert_allclose(back.x[7].T, scaled[::-1][7:31], atol=1e-6)


@pytest.mark.parametrize("kind", ["chronological", "blocks"])
def test_held_out_windows_share_no_step_with_training(series, kind):
    steps = torch.arange(3000.0)
    data = series.WindowSet(
        "stocks", steps.unfold(0, 24, 1)[:, None].contiguous(), start=torch.arange(3000 - 23)
    )
    train, held_out = series.split(data, kind)
    assert not set(train.flatten().tolist()) & set(held_out.flatten().tolist())
    assert len(held_out) > 400
    assert len(train) > 3 * len(held_out)


def test_independent_windows_have_no_future(series):
    with pytest.raises(UserError, match="no future to hold out"):
        series.split(series.sines(10), "chronological")


def test_copy_test_sees_copies_and_lets_fresh_windows_pass(series):
    train, fresh = series.sines(1500).x, series.sines(1500).fresh
    held_out, other = fresh[:700], fresh[700:]
    assert series.copy_test(train[:500], train, held_out)["copy_share"] > 0.7
    shares = series.copy_test(other, train, held_out)
    # Shares of 800 and of 350 fresh windows; standard errors .018 and .027 around one half.
    assert abs(shares["copy_share"] - 0.5) < 0.1
    assert abs(shares["copy_share_real"] - 0.5) < 0.14


@pytest.mark.slow
def test_a_second_run_computes_nothing_anew(series, tmp_path, file):
    words = [
        "sines", f"stocks={file[0]}", "--windows", "150", "--steps", "2", "--runs", "2",
        "--discriminative", "2", "--predictive", "2", "--results", tmp_path,
        "--output", tmp_path / "series.md", "--recipe", "data.batch_size=8",
        "networks.generator.width=8", "networks.critic.width=8",
    ]  # fmt: skip
    lines = []
    for _ in range(2):
        series.main([str(word) for word in words])
        lines.append((tmp_path / "series.jsonl").read_text())
    assert lines[0] == lines[1]
    rows = [json.loads(line) for line in lines[0].splitlines()]
    assert [row["key"]["what"] for row in rows].count("all windows") == 2
    assert len(rows) == 5 + 8
    assert all(row["bad_windows"] == 0 for row in rows)
    page = (tmp_path / "series.md").read_text()
    assert page.count("**gan_lab") == 4
    assert "Diffusion-TS (published) | 0.067" in page
