import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lab.cli.fresh import fresh
from gan_lab.cli.lock import FILE, locked
from gan_lab.config import CONFIG_DIR
from gan_lab.errors import UserError

HOLD = """
import sys, time
from pathlib import Path
from gan_lab.cli.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    env = {**os.environ, "PYTHONPATH": str(Path(CONFIG_DIR).parent)}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_is_refused_and_a_dead_one_is_no_bar(tmp_path, holder):
    with pytest.raises(UserError, match=f"in use by process {holder.pid}"), locked(tmp_path):
        pass
    holder.kill()
    holder.wait()
    with locked(tmp_path):
        assert (tmp_path / FILE).read_text() == f"{os.getpid()}\n"
    assert not (tmp_path / FILE).exists()


def test_the_lock_goes_with_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_fresh_folders(tmp_path):
    names = [fresh(tmp_path / "a/run").name for _ in range(3)]
    assert names == ["run", "run_2", "run_3"]
