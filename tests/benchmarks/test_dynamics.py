"""The measures of the dynamics benchmark tell truth from its corruptions."""

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

from gan_lab.data.synthetic.garch import GARCH
from gan_lab.data.synthetic.var import VAR
from gan_lab.spec import DataSpec

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "dynamics.py"


@pytest.fixture(scope="module")
def dynamics():
    loading = importlib.util.spec_from_file_location("dynamics_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(loading)
    sys.modules["dynamics_benchmark"] = module
    loading.loader.exec_module(module)
    yield module
    del sys.modules["dynamics_benchmark"]


def test_the_true_graph_is_found_in_its_direction(dynamics):
    data = VAR(n=10, window=24)
    x = dynamics.fresh(data, 500)["real"]
    assert dynamics.graph_numbers(x, data)["F1"] == 1
    # Channels from windows of their own keep their own memory and lose every cause.
    alone = torch.stack([x[torch.randperm(500), c] for c in range(x.shape[1])], dim=1)
    assert dynamics.graph_numbers(alone, data)["F1"] < 0.3
    assert data.truth.granger.mT.ne(data.truth.granger).any()


def test_clustered_returns_differ_from_shuffled_ones(dynamics):
    data = GARCH(n=10, window=200)
    data.spec = DataSpec("g", "series", 1, (200,), channel_names=("a_close",))
    x = data.simulate(300, 200, torch.Generator().manual_seed(0)).transpose(1, 2)
    facts = dynamics.return_numbers(x, data)
    shuffled = dynamics.return_numbers(x[:, :, torch.randperm(200)], data)
    assert facts["ACF abs(r) 1"] > shuffled["ACF abs(r) 1"] + 0.02
    assert facts["kurtosis"] == pytest.approx(shuffled["kurtosis"])


def test_the_table_names_every_number(dynamics):
    lines = dynamics.table("var", [("real", {"F1": 1.0, "edges": 5.0})])
    assert lines[2:] == [
        "| windows | F1 | edges |",
        "|---|---|---|",
        "| real | 1.000 | 5.000 |",
        "",
    ]
