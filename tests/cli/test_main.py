import subprocess
import sys

import pytest

from gan_lab import __version__
from gan_lab.cli import main as dispatcher
from gan_lab.cli.main import COMMANDS, main


def test_help_and_version_import_nothing_heavy():
    code = (
        "import sys; from gan_lab.cli.main import main; main(['--help']); main(['--version']);"
        "heavy = {'torch', 'hydra', 'numpy', 'pytorch_lightning', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert __version__ in done.stdout
    assert all(command in done.stdout for command in COMMANDS)


def test_no_command_prints_the_help(capsys):
    assert main([]) == 0
    assert "usage: gan-lab" in capsys.readouterr().out


def test_an_unknown_command_names_the_closest(capsys):
    assert main(["trian"]) == 2
    captured = capsys.readouterr()
    assert "did you mean 'train'?" in captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["train", "sample", "interpolate", "evaluate"])
def test_a_command_becomes_a_module_run(command, monkeypatch):
    calls = []
    monkeypatch.setattr(dispatcher.os, "execv", lambda path, words: calls.append((path, words)))
    main([command, "seed=1", "name=a b"])
    words = [sys.executable, "-m", f"gan_lab.cli.{command}", "seed=1", "name=a b"]
    assert calls == [(sys.executable, words)]
