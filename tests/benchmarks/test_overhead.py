"""The benchmark runs and writes its table; how fast anything is, is not asserted here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmarks" / "overhead.py"


@pytest.mark.slow
def test_overhead_writes_its_table(tmp_path):
    words = ["--pairs", "2", "--steps", "55", "--experiment", "smoke"]
    output = tmp_path / "overhead.md"
    done = subprocess.run(
        [sys.executable, SCRIPT, *words, "--output", output],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line for line in output.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) == 4
    assert "median" in rows[-1]
