"""A run that goes on and on: memory and open files stay as they are.

`GAN_LAB_SOAK=1800 pytest tests/integration/test_soak.py -s` soaks for half an hour.
"""

import os
import signal
import statistics
import sys
import time
from pathlib import Path

import pytest

from gan_lab.cli import train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
SECONDS = float(os.environ.get("GAN_LAB_SOAK", "60"))
MOST_GROWTH = 8.0
"""MiB between the second and the last quarter; a leaked batch of pictures per sheet is more."""
WORDS = [
    "experiment=smoke", "trainer.max_steps=100000000", "trainer.accelerator=cpu",
    "callbacks.progress=null", "callbacks.sample_grid.every=20", "callbacks.interpolation.every=40",
    "callbacks.distance.every=20", "callbacks.health.every=10", "callbacks.checkpoints.every=20",
    "callbacks.sample_grid.animate=false",
]  # fmt: skip


def start(folder):
    pid = os.fork()
    if pid:
        return pid
    os.chdir(folder)
    output = os.open("out.txt", os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        os._exit(train.main(WORDS))
    except SystemExit as stop:
        os._exit(int(stop.code or 0))


def reading(pid):
    """Resident MiB and open files of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(os.listdir(f"/proc/{pid}/fd"))


def test_memory_and_open_files_stay_flat(tmp_path):
    pid, readings = start(tmp_path), []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(SECONDS / 120)
        readings.append(reading(pid))
    os.kill(pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 143, (
        tmp_path / "out.txt"
    ).read_text()
    quarter = len(readings) // 4
    memory = [statistics.median(m for m, _ in readings[k * quarter :][:quarter]) for k in range(4)]
    files = [max(f for _, f in readings[k * quarter :][:quarter]) for k in range(4)]
    rows = (next((tmp_path / "outputs/smoke").iterdir()) / "metrics.csv").read_text().splitlines()
    print(f"{SECONDS:.0f} s, last row {rows[-1][:40]}: MiB {memory}, open files {files}")
    assert memory[3] - memory[1] < MOST_GROWTH
    assert max(files[2:]) <= max(files[:2])
