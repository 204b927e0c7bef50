import json
import os

import pytest

from gan_lab.callbacks.health_record import Record
from gan_lab.cli import diagnose
from gan_lab.metrics.health import Diagnosis, Layer, Signals, State


def write(folder, state=State.COLLAPSED, n=30, **changes):
    record = Record(folder / "health.json", every=50)
    for k in range(n):
        layers = (Layer("generator", "body.weight", 1e-3, 4.0, 2.5),)
        record.add(Signals(step=50 * (k + 1), accuracy=0.75, layers=layers, **changes))
    record.judge(Diagnosis(State.HEALTHY, "all well", "", 400))
    record.judge(Diagnosis(state, "samples are 3% as far apart", "model.pack=2 [or 4]", 50 * n))
    record.write()
    return folder


def test_verdict_evidence_advice_and_table(tmp_path, capsys):
    assert diagnose.main([str(write(tmp_path)), "rows=4"]) == 0
    out = capsys.readouterr().out
    for words in ("generator collapsed at step 1,500", "samples are 3%", "model.pack=2 [or 4]",
                  "healthy from step 400, generator collapsed from step 1,500", "critic right",
                  "generator.body.weight", "2.5"):  # fmt: skip
        assert words in out
    assert "overfitting" not in out
    steps = [line.split()[1] for line in out.splitlines() if line.startswith("│ ")]
    assert [s for s in steps if s[0].isdigit()] == ["300", "700", "1,100", "1,500"]


def test_json_is_the_record(tmp_path, capsys):
    folder = write(tmp_path)
    for words in ([str(folder), "--json"], [str(folder), "json=true"]):
        assert diagnose.main(words) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown.pop("run") == str(folder)
        assert shown == json.loads((folder / "health.json").read_text())


def test_latest_is_the_newest_record(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for k, name in enumerate(("old", "new", "older")):
        folder = tmp_path / "outputs" / name / "now"
        folder.mkdir(parents=True)
        write(folder)
        when = {0: 200, 1: 300, 2: 100}[k]
        os.utime(folder / "health.json", (when, when))
    assert diagnose.main([]) == 0
    assert "outputs/new/now" in capsys.readouterr().out
    assert diagnose.main(["outputs/older/latest"]) == 0
    assert "outputs/older/now" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere"], "holds no health.json"),
        (["latest"], "train one first"),
        (["rows=0"], "rows=0"),
        (["row=3"], "did you mean 'rows'"),
    ],
)
def test_mistakes_are_one_line(tmp_path, monkeypatch, capsys, words, text):
    monkeypatch.chdir(tmp_path)
    assert diagnose.main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert text in lines[0]


def test_a_record_without_signals(tmp_path, capsys):
    Record(tmp_path / "health.json", every=50).write()
    assert diagnose.main([str(tmp_path)]) == 2
    assert "no signals yet" in capsys.readouterr().err


def test_help(capsys):
    assert diagnose.main(["--help"]) == 0
    assert "gan-lab diagnose" in capsys.readouterr().out
