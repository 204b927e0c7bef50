"""Train, evaluate both sets of weights, compare them: the commands as a user types them."""

import json
from pathlib import Path

import pytest

from gan_lab.cli import compare, evaluate, train
from gan_lab.export.runs import newest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with a trained run and its evaluations with averaged and with raw weights."""
    folder = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        assert train.main(["experiment=smoke", "trainer.max_steps=110"]) == 0
        assert evaluate.main(["latest", "n=300"]) == 0
        assert evaluate.main(["latest", "n=300", "weights=raw", "output=raw"]) == 0
        yield newest(Path("outputs"))


def content(folder):
    return json.loads((folder / "evaluation.json").read_text())


def test_a_bad_generator_is_told_so(here):
    answers = {v["question"]: v["answer"] for v in content(here)["verdicts"]}
    assert answers["faithful"] == answers["covers"] == "no"
    assert answers["novel"] == "cannot tell"


def test_receipts_tell_averaged_from_raw_weights(here):
    both = [content(folder)["scores"] for folder in (here, Path("raw"))]
    assert [scores[0]["receipt"]["weights"] for scores in both] == ["ema", "raw"]
    assert both[0][0]["receipt"]["digest"] == both[1][0]["receipt"]["digest"]
    assert both[0][0]["value"] != both[1][0]["value"]


def test_the_report_shows_the_run(here):
    page = (here / "report.html").read_text()
    for expected in ("loss/critic", "gan_lab.data.digits8.Digits8", "too early"):
        assert expected in page


def test_unlike_weights_are_compared_on_demand_only(here, capsys):
    assert compare.main([str(here), "raw"]) == 2
    assert "weights: ema and raw" in capsys.readouterr().err
    assert compare.main([str(here), "raw", "differ=weights"]) == 0
    assert Path("compare.html").is_file()
