"""`gan-lab evaluate` on a generator that was never trained, and on files."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import yaml

from gan_lab.cli import evaluate
from gan_lab.cli.completion import candidates
from gan_lab.data.digits8 import Digits8
from gan_lab.data.points import Ring
from gan_lab.export.portable import save_generator
from gan_lab.latent.normal import Normal
from gan_lab.networks.mlp import Generator

DATA = {"_target_": "gan_lab.data.points.Ring", "n": 1500}


@pytest.fixture(scope="module")
def ring():
    data = Ring(n=1500)
    data.setup()
    return data


@pytest.fixture(scope="module")
def run(tmp_path_factory, ring):
    """A run folder as training leaves it."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Generator(spec=ring.spec, latent_dim=2, width=8)
    save_generator(
        folder / "generator",
        network=network,
        prior=Normal(dim=2),
        spec=ring.spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 8},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": 2},
    )
    (folder / "config.yaml").write_text(yaml.safe_dump({"data": DATA}))
    (folder / "metrics.csv").write_text("step,loss/critic\n1,0.5\n2,0.25\n")
    return folder


def test_a_run(run, capsys):
    assert evaluate.main([str(run), "n=200"]) == 0
    out = capsys.readouterr().out
    assert "faithful? no" in out
    assert "loss/critic" in out
    content = json.loads((run / "evaluation.json").read_text())
    assert content["training"] == {"step": 2, "loss/critic": 0.25}
    assert [v["question"] for v in content["verdicts"]] == ["faithful", "covers", "novel"]
    assert content["scores"][0]["receipt"]["weights"] == "ema"
    assert (run / "evaluation.png").is_file()


def test_a_limit_that_is_not_kept(run, capsys, tmp_path):
    words = [str(run), "n=200", f"output={tmp_path}", "fail_below=precision:0.99"]
    assert evaluate.main(words) == 1
    assert capsys.readouterr().err.startswith("failed: precision is 0.")
    assert (tmp_path / "evaluation.json").is_file()


def test_junit_and_a_damaged_critic(run, capsys, tmp_path):
    file = tmp_path / "junit.xml"
    critic = run / "generator" / "critic.yaml"
    critic.write_text("format_version: 1\n")
    words = [str(run), "n=200", f"output={tmp_path}", f"junit={file}", "fail_below=precision:0.99"]
    assert evaluate.main(words) == 1
    critic.unlink()
    assert "critic membership is not measured" in capsys.readouterr().err
    suite = ElementTree.parse(file).getroot()
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "3")


def test_samples_of_another_tool(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = Digits8()
    data.setup()
    file = tmp_path / "mine.npy"
    np.save(file, data.spec.to_units(data.held_out.x).numpy())
    assert evaluate.main([f"samples={file}", "data=digits8"]) == 0
    out = capsys.readouterr().out
    assert "faithful? yes" in out
    assert "rarest class" in out
    content = json.loads((tmp_path / "mine_evaluation/evaluation.json").read_text())
    assert (content["name"], content["training"]) == ("mine", {})


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["n=0"], "n=0"),
        (["weights=best"], "weights=best: expected ema or raw"),
        (["weights=raw"], "last.ckpt, which is missing"),
        (["features=random"], "points have nothing to convolve"),
        (["samples=none.npy"], "samples=none.npy does not exist"),
        (["data=ring"], "goes with samples="),
        (["samples=none.npy", "data=rings"], "data=rings: expected one of"),
        (["fail_below=precision"], "expected NAME:NUMBER"),
        (["scores=fid"], "scores=fid: expected some of discriminative"),
        (["scores=predictive"], "scores=predictive: it is for series"),
        (["features=inception"], "features=inception suits images alone"),
    ],
)
def test_mistakes_are_one_line(run, capsys, words, text):
    assert evaluate.main([str(run), *words]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert len(lines) == 1
    assert text in lines[0]


def test_completion():
    assert "weights=" in candidates("gan-lab evaluate ")
