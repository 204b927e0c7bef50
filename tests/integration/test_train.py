"""The commands as a user types them, on the smallest networks."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.cli import evaluate, interpolate, sample, train
from gan_lab.config import CONFIG_DIR
from gan_lab.export.runs import newest
from gan_lab.model.gan import GAN

ROOT = Path(CONFIG_DIR).parent
pytestmark = pytest.mark.slow


def gan_lab(*words, cwd):
    """Run the real command in a folder of its own."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    command = [sys.executable, "-m", "gan_lab.cli.main", *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder in which `gan-lab train experiment=smoke` has run."""
    folder = tmp_path_factory.mktemp("work")
    done = gan_lab("train", "experiment=smoke", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "gan-lab sample outputs/smoke/" in done.stdout
    return folder


@pytest.fixture
def here(trained, monkeypatch):
    monkeypatch.chdir(trained)
    return newest(Path("outputs/smoke"))


def test_a_run_leaves_what_other_commands_need(here):
    config = yaml.safe_load((here / "config.yaml").read_text())
    assert config["name"] == "smoke"
    assert config["model"]["max_steps"] == 2
    receipt = json.loads((here / "receipt.json").read_text())
    assert receipt["finished"]
    assert (receipt["steps"], receipt["seed"], receipt["threads"]) == (2, 0, 1)
    assert str(here.absolute()) not in json.dumps(receipt)
    with (here / "metrics.csv").open() as file:
        assert {"step", "loss/critic", "loss/generator"} <= set(csv.DictReader(file).fieldnames)
    for name in ("generator/generator.safetensors", "checkpoints/last.ckpt", "samples/latest.png"):
        assert (here / name).is_file()
    events = EventAccumulator(str(here / "tensorboard"))
    events.Reload()
    assert {"samples/ema", "samples/raw", "samples/real"} <= set(events.Tags()["images"])
    assert "loss/critic" in events.Tags()["scalars"]
    assert "_hparams_/session_start_info" in events.summary_metadata


def test_the_same_seed_gives_the_same_generator(here):
    weights = []
    for seed in (0, 0, 1):
        name = f"again{len(weights)}"
        assert train.main(["experiment=smoke", f"name={name}", f"seed={seed}"]) == 0
        weights.append(newest(Path("outputs", name)) / "generator/generator.safetensors")
    first, second, other = (path.read_bytes() for path in weights)
    assert first == second != other
    assert first == (here / "generator/generator.safetensors").read_bytes()


def test_samples_are_the_same_bytes_for_the_same_seed(here, tmp_path):
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        words = [str(here), "n=10", f"seed={seed}", f"output={tmp_path / folder}"]
        assert sample.main(words) == 0
    for name in ("samples.npy", "samples.png"):
        first, second, other = ((tmp_path / f / name).read_bytes() for f in "abc")
        assert first == second != other
    x = np.load(tmp_path / "a/samples.npy")
    assert x.shape == (10, 1, 8, 8)


def test_many_samples_come_in_batches(here, tmp_path):
    assert sample.main([f"output={tmp_path / 'many.npz'}", "n=2500", "run=" + str(here)]) == 0
    with np.load(tmp_path / "many.npz") as arrays:
        assert arrays["x"].shape == (2500, 1, 8, 8)
        assert np.bincount(arrays["label"]).tolist() == [250] * 10
        assert len(np.unique(arrays["x"][:, 0].reshape(2500, -1), axis=0)) > 2400


def test_one_class_as_pictures(here, tmp_path, capsys):
    words = [str(here), "n=3", "label=7", "format=folder", f"output={tmp_path}", "truncation=0.5"]
    assert sample.main(words) == 0
    files = sorted(tmp_path.rglob("*.png"))
    assert [p.parent.name for p in files] == ["7"] * 3
    with Image.open(files[0]) as picture:
        assert picture.size == (8, 8)
    assert sample.main([str(here), "label=12"]) == 2
    assert "expected 0 to 9" in capsys.readouterr().err


def test_interpolations(here, tmp_path):
    words = ["outputs/smoke/latest", "rows=2", "steps=5", f"output={tmp_path}"]
    assert interpolate.main(words) == 0
    assert np.load(tmp_path / "interpolation.npy").shape == (2, 5, 1, 8, 8)
    with Image.open(tmp_path / "interpolation.webp") as animation:
        assert animation.n_frames > 5
    assert (tmp_path / "interpolation.png").is_file()


def test_evaluation(here, capsys):
    assert evaluate.main(["outputs/smoke/latest"]) == 0
    assert "loss/critic" in capsys.readouterr().out
    scores = json.loads((here / "evaluation.json").read_text())
    assert "loss/generator" in scores["training"]
    assert (here / "evaluation.png").is_file()


@pytest.mark.parametrize(
    ("command", "word", "text"),
    [
        (sample, "n=0", "n=0"),
        (sample, "truncation=2", "truncation=2"),
        (sample, "format=gif", "npz"),
        (sample, "format=csv", "points and series"),
        (interpolate, "steps=1", "steps=1"),
        (evaluate, "nowhere", "does not exist"),
    ],
)
def test_mistakes_are_one_line(here, capsys, command, word, text):
    assert command.main([word]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert text in lines[0]


def test_points_come_as_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["experiment=ring_mlp", "trainer.max_steps=2", "data.n=500", "data.batch_size=16"]
    assert train.main([*words, "trainer.threads=1"]) == 0
    assert sample.main(["n=20"]) == 0
    with (newest(Path("outputs")) / "generated/samples.csv").open() as file:
        rows = list(csv.reader(file))
    assert len(rows) == 21
    assert np.isfinite(np.array([row[:2] for row in rows[1:]], dtype=float)).all()


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert train.main(["experiment=smoke", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "1,048" in out
    assert "dry run: nothing was written" in out
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_goes_on_after_a_bad_job(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert train.main(["experiment=smoke", "--multirun", "latent.dim=0,4,5"]) == 2
    assert "latent.dim is 0" in capsys.readouterr().err
    runs = sorted(Path("outputs/smoke").glob("*/*/generator"))
    assert [("dim=4" in str(p), "dim=5" in str(p)) for p in runs] == [(True, False), (False, True)]


def test_a_users_module_and_yaml(tmp_path):
    (tmp_path / "my_prior.py").write_text(
        "from gan_lab.latent.normal import Normal\nclass Mine(Normal):\n    pass\n"
    )
    (tmp_path / "mine/latent").mkdir(parents=True)
    (tmp_path / "mine/latent/mine.yaml").write_text("_target_: my_prior.Mine\ndim: 3\n")
    words = ["experiment=smoke", "--config-dir", "mine", "latent=mine", "latent.dim=3"]
    done = gan_lab("train", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run = newest(tmp_path / "outputs")
    assert (
        yaml.safe_load((run / "config.yaml").read_text())["latent"]["_target_"] == "my_prior.Mine"
    )


def test_the_configuration_is_shown_without_training(tmp_path):
    done = gan_lab("train", "--cfg", "job", "experiment=smoke", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["trainer"]["max_steps"] == 2
    assert not (tmp_path / "outputs").exists()


def test_control_c_keeps_what_was_learned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    play = GAN.training_step

    def step(model, batch, batch_idx):
        if model.steps == 1:
            os.kill(os.getpid(), signal.SIGINT)
        play(model, batch, batch_idx)

    monkeypatch.setattr(GAN, "training_step", step)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as stop:
        train.main(["experiment=smoke", "trainer.max_steps=9"])
    assert stop.value.code == 130
    assert signal.getsignal(signal.SIGINT) == before
    receipt = json.loads((newest(Path("outputs")) / "receipt.json").read_text())
    assert (receipt["steps"], receipt["finished"]) == (2, False)
