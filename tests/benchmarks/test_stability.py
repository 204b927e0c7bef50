"""The benchmark runs and writes its table; how stable anything is, is not asserted here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "stability.py"


@pytest.mark.slow
def test_stability_writes_its_table_and_tells_a_collapse(tmp_path):
    output = tmp_path / "stability.md"
    done = subprocess.run(
        [sys.executable, SCRIPT, "--seeds", "2", "--steps", "2", "--output", output],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "outputs/stability.jsonl").read_text().splitlines()
    assert len({json.loads(line)["recipe"] for line in lines}) == 3  # whatever the seed
    rows = [line.split(" | ") for line in output.read_text().splitlines() if line.startswith("| ")]
    assert [row[0].removeprefix("| ") for row in rows[2:]] == [
        "ring_mlp", "digits8_mlp", "market_cnn1d",
    ]  # fmt: skip
    assert all(row[1:3] == ["2", "0"] for row in rows[2:])
    assert rows[2][3] == "2"  # after two steps the ring is no ring
    assert "ring_mlp, seed 1: collapsed" in output.read_text()
