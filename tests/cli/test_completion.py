import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lab.cli.completion import candidates, choices, groups, main
from gan_lab.config import CONFIG_DIR


def test_every_group_and_choice_is_offered():
    for group in groups():
        assert f"{group}=" in candidates("gan-lab train ")
        expected = [f"{group}={choice}" for choice in choices(group)]
        assert candidates(f"gan-lab train seed=1 {group}=") == expected


def test_groups_are_the_folders_of_conf():
    assert {"data", "experiment", "trainer"} <= set(groups())
    assert set(choices("trainer")) == {p.stem for p in Path(CONFIG_DIR, "trainer").glob("*.yaml")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gan-lab tr", ["train"]),
        ("gan-lab train experiment=sm", ["experiment=smoke"]),
        ("gan-lab train nonsense=", []),
        ("gan-lab sample trun", ["truncation="]),
        ("gan-lab nonsense ", []),
    ],
)
def test_candidates(line, expected):
    assert candidates(line) == expected


def bash(line, tmp_path):
    """What bash puts on the command line for an unfinished `line`."""
    command = tmp_path / "gan-lab"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gan_lab.cli.main "$@"\n')
    command.chmod(0o755)
    script = (
        'source <(gan-lab completion bash); COMP_LINE="$1"; COMP_POINT=${#1}; _gan_lab;'
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    root = Path(CONFIG_DIR).parent
    run = ["bash", "-c", script, "bash", line]
    done = subprocess.run(run, capture_output=True, text=True, env=env, cwd=root, check=False)
    return done.stdout.split()


def test_bash_completes_what_follows_the_equals_sign(tmp_path):
    assert bash("gan-lab train experiment=sm", tmp_path) == ["smoke"]
    assert bash("gan-lab eva", tmp_path) == ["evaluate"]


def test_bash_accepts_the_script(tmp_path):
    for shell in ("bash", "zsh", "fish"):
        assert main([shell]) == 0
    assert main(["tcsh"]) == 2
