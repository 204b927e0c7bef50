import json
import subprocess
from pathlib import Path

import torch

from gan_lab.cli.receipt import git_state, receipt, write_receipt


def test_versions_and_facts(tmp_path):
    facts = receipt(seed=3)
    write_receipt(tmp_path, facts)
    read = json.loads((tmp_path / "receipt.json").read_text())
    assert read["seed"] == 3
    assert torch.__version__.startswith(read["versions"]["torch"])


def test_no_paths_and_no_names(tmp_path):
    text = json.dumps(receipt())
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text


def test_git_state(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert git_state(tmp_path) is None
    git("init")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-m", "first")
    assert git_state(tmp_path) == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "file").write_text("2")
    assert git_state(tmp_path)["dirty"]
