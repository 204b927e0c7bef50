"""The dispatcher of `gan-lab explore`."""

import subprocess
import sys
import types

import pytest

from gan_lab.cli.explore import __main__ as ways
from gan_lab.cli.explore.__main__ import WAYS, main


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_every_way(words, capsys):
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "usage: gan-lab explore" in out
    assert all(f"  {way} " in out for way in WAYS)


def test_an_unknown_way_names_the_closest(capsys):
    assert main(["wlak"]) == 2
    captured = capsys.readouterr()
    assert "did you mean 'walk'?" in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not captured.out


def test_a_way_gets_the_other_words_and_gives_the_exit_code(monkeypatch):
    given = []
    way = types.SimpleNamespace(main=lambda words: given.append(words) or 7)
    monkeypatch.setattr(ways, "import_module", lambda name: {"gan_lab.cli.explore.map": way}[name])
    assert main(["map", "run", "n=3"]) == 7
    assert given == [["run", "n=3"]]


def test_help_of_a_way_imports_nothing_heavy():
    code = (
        "import sys; from gan_lab.cli.explore.__main__ import main; main(['walk', '--help']);"
        "heavy = {'torch', 'hydra', 'pytorch_lightning', 'matplotlib'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "kind=between" in done.stdout
