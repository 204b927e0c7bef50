"""A mistake on the command line or in a yaml file costs one line, not a traceback."""

import pytest

from gan_lab.cli.train import main


@pytest.fixture
def error(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*argv):
        assert main(argv) == 2
        captured = capsys.readouterr()
        lines = captured.err.splitlines()
        assert len(lines) == 1, captured.err
        assert not any(tmp_path.glob("outputs/*/*")), "nothing may be written"
        return lines[0]

    return run


@pytest.mark.parametrize(
    ("argument", "parts"),
    [
        ("latent=spher", ["did you mean 'sphere'?", "choices:", "normal"]),
        ("objectives=hing", ["did you mean 'hinge'?", "rpgan"]),
        ("experiment=smok", ["did you mean 'smoke'?", "mnist_dcgan"]),
        ("trainer.max_stps=5", ["did you mean 'trainer.max_steps'?", "precision"]),
        ("model.d_stps=5", ["did you mean 'model.d_steps'?"]),
        ("trainr.max_steps=5", ["did you mean 'trainer'?"]),
        ("laten=normal", ["did you mean 'latent'?"]),
        ("foo=1", ["no key 'foo'", "seed", "trainer"]),
        ("seed=abc", ["seed=abc", "'abc'", "Integer"]),
        ("trainer.max_steps=many", ["trainer.max_steps=many", "Integer"]),
        ("two words", ["'two words'", "KEY=VALUE"]),
    ],
)
def test_the_command_line(error, argument, parts):
    line = error(argument)
    assert line.startswith("error: ")
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("trainer: {max_stps: 5}", ["experiment/mine.yaml", "did you mean 'trainer.max_steps'?"]),
        ("sed: 5", ["experiment/mine.yaml", "did you mean 'seed'?"]),
        ("seed: abc", ["experiment/mine.yaml", "'abc'", "Integer"]),
        ("defaults: [override /latent: spher]", ["did you mean 'sphere'?", "yaml file"]),
    ],
)
def test_an_experiment_file(error, tmp_path, body, parts):
    (tmp_path / "conf/experiment").mkdir(parents=True)
    (tmp_path / "conf/experiment/mine.yaml").write_text(f"# @package _global_\n{body}\n")
    line = error("--config-dir", str(tmp_path / "conf"), "experiment=mine")
    assert all(part in line for part in parts), line


def test_debug_brings_the_traceback_back(capsys):
    assert main(["latent=spher", "debug=true"]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "parts"),
    [
        ("latent.dim=0", ["latent.dim"]),
        ("data.batch_size=-1", ["data.batch_size", "-1"]),
        ("trainer.accelerator=quantum", ["trainer.accelerator", "quantum", "cpu"]),
        ("trainer.precision=31", ["trainer.precision", "32-true"]),
        ("trainer.max_steps=-3", ["trainer.max_steps", "-3"]),
        ("trainer.threads=0", ["trainer.threads"]),
        ("trainer.devices=0", ["trainer.devices"]),
        ("seed=-1", ["seed"]),
        ("+model.typo=1", ["model", "'typo'", "d_steps"]),
        ("+latent.dimm=1", ["latent", "did you mean 'dim'?"]),
        ("+networks.generator.widht=1", ["networks.generator", "did you mean 'width'?"]),
        ("latent._target_=gan_lab.latent.Nothing", ["latent", "Nothing"]),
        ("+regularizers.r3={weight: 1.0}", ["regularizers.r3", "regularizers.r3=null"]),
    ],
)
def test_what_only_building_finds_out(capsys, tmp_path, monkeypatch, argument, parts):
    monkeypatch.chdir(tmp_path)
    assert main(["experiment=smoke", argument]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert all(part in lines[0] for part in parts), lines[0]


def test_a_missing_value_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["experiment=smoke", "trainer.max_steps=???"]) == 2
    assert "trainer.max_steps has no value" in capsys.readouterr().err
    assert main(["experiment=folder_dcgan"]) == 2
    assert "data.path" in capsys.readouterr().err


def test_a_missing_folder_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["experiment=folder_dcgan", "data.path=missing"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "missing" in lines[0]


def test_an_unwritable_output_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert main(["experiment=smoke", "output=file"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "file" in lines[0]


def test_no_gpu_is_said_before_training(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert main(["experiment=smoke", "trainer.accelerator=cuda"]) == 2
    assert "torch sees no GPU" in capsys.readouterr().err
