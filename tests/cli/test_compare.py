import json
from dataclasses import replace

import pytest

from gan_lab.cli import compare
from gan_lab.cli.completion import candidates
from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.score import Receipt, Score, versions

RECEIPT = Receipt("values", "0" * 64, "none", 10, 10, "halves", 0, "ema", "1" * 64, versions())
HOSTILE = "<img src=x onerror=alert(1)>"


def evaluation(name, value, receipt=RECEIPT):
    score = Score(
        "frechet", "faithful", value, (value - 0.1, value + 0.1), 0.5, (0.4, 0.6), "lower", receipt
    )
    verdict = Verdict("faithful", "no", "Not faithful.", "frechet")
    return Evaluation(name, "ring", "points", (verdict,), (score,))


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(folder, found):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "evaluation.json").write_text(json.dumps(found.to_dict()))

    return write


def test_two_runs(folders, tmp_path, capsys):
    folders("a", evaluation(HOSTILE, 2.0))
    folders("b", evaluation("better", 1.0))
    assert compare.main(["a", "b"]) == 0
    out = capsys.readouterr().out
    assert "1 ± 0.1" in out
    assert out.index("better") < out.index("<img")
    page = (tmp_path / "compare.html").read_text()
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert page.index("better") < page.index("&lt;img")


def test_unlike_runs_are_refused(folders, capsys):
    folders("a", evaluation("first", 2.0))
    folders("b", evaluation("second", 1.0, replace(RECEIPT, weights="raw", seed=1)))
    assert compare.main(["a", "b"]) == 2
    err = capsys.readouterr().err
    assert "differ in seed: 0 and 1; weights: ema and raw" in err
    assert compare.main(["a", "b", "differ=[seed,weights]"]) == 0


def test_runs_of_the_same_name_go_by_their_folders(folders, capsys):
    for folder, value in (("a", 2.0), ("b", 1.0)):
        folders(folder, evaluation("same", value))
    assert compare.main(["a", "b", "output=out/page.html"]) == 0
    assert "same" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["a"], "give two or more runs"),
        (["a", "none"], "none does not exist"),
        (["a", "a", "differ"], "differ does not exist"),
        (["a", "damaged"], "evaluate the run again"),
        (["a", "old"], "evaluate the run again"),
    ],
)
def test_mistakes_are_one_line(folders, tmp_path, capsys, words, text):
    folders("a", evaluation("first", 2.0))
    for name, content in (("damaged", "{"), ("old", '{"training": {}}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "evaluation.json").write_text(content)
    assert compare.main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert text in lines[0]


def test_completion():
    assert "differ=" in candidates("gan-lab compare ")
