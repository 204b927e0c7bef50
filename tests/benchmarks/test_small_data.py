"""The benchmark runs and writes its table; how good anything is, is not asserted here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "small_data.py"


@pytest.mark.slow
def test_small_data_writes_its_table(tmp_path):
    words = ["--steps", "2", "--images", "20", "--epochs", "1", "--experiment", "digits8_mlp"]
    arms = ["--arms", "none", "diffaugment", "ada_translation"]
    output = tmp_path / "small_data.md"
    done = subprocess.run(
        [sys.executable, SCRIPT, *words, *arms, "--output", output],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line for line in output.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) == 5
    assert rows[-1].startswith("| ada_translation | 0 |")
    assert "nan" not in output.read_text()
