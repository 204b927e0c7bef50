"""A run that diverges goes back, and on with lower learning rates, as often as it may."""

import csv
import math
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from gan_lab.cli import train
from gan_lab.export.checkpoints import read_checkpoint
from gan_lab.model.gan import GAN

WORDS = [
    "experiment=smoke", "trainer.max_steps=9", "trainer.accelerator=cpu", "model.log_every=1",
    "callbacks.checkpoints.every=2", "trainer.threads=1",
    *(f"callbacks.{n}=null" for n in ("sample_grid", "distance", "interpolation", "health")),
]  # fmt: skip


def explode(*, above):
    """Step 6 is not finite while the critic's learning rate is above a bound."""
    play = GAN.training_step

    def step(model, batch, batch_idx):
        rate = model.optimizers()[1].param_groups[0]["lr"]
        if model.steps == 5 and rate > above:
            batch = batch._replace(x=batch.x.clone().fill_(math.nan))
        play(model, batch, batch_idx)

    return step


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def play(*words, above):
        monkeypatch.setattr(GAN, "training_step", explode(above=above))
        code = train.main([*WORDS, *words])
        folders = [p.parent for p in Path("outputs/smoke").glob("*/config.yaml")]
        return code, folders[0] if folders else None

    return play


@pytest.mark.slow
def test_a_run_goes_back_and_on_with_lower_rates(run, capsys):
    words = ["trainer.rollbacks=3", "model.critic_optimizer.lr=1e-3", "model.rates.lr=1.0"]
    code, folder = run(*words, above=3e-4)
    assert code == 0
    told = capsys.readouterr().err
    assert told.count("training diverged in step 6: loss/critic is nan") == 2
    assert "back to step 4 with learning rates generator 0.00025, critic 0.00025" in told
    assert OmegaConf.load(folder / "config.yaml").model.critic_optimizer.lr == 2.5e-4
    last = read_checkpoint(folder / "checkpoints/last.ckpt")
    assert last["gan_lab"]["steps"] == 9
    assert last["optimizer_states"][1]["param_groups"][0]["lr"] == 2.5e-4
    with (folder / "metrics.csv").open(newline="") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == list(range(1, 10))


@pytest.mark.slow
def test_it_goes_back_as_often_as_it_may(run, capsys):
    code, folder = run("trainer.rollbacks=2", above=0.0)
    assert code == 2
    assert capsys.readouterr().err.count("training diverged in step 6") == 3
    assert read_checkpoint(folder / "checkpoints/last.ckpt")["gan_lab"]["steps"] == 4


@pytest.mark.parametrize(
    "word", ["trainer.rollbacks=-1", "trainer.rollback_lr=1.0", "trainer.rollback_lr=0"]
)
def test_the_keys_have_a_range(run, capsys, word):
    code, folder = run(word, above=1.0)
    assert code == 2
    assert "trainer.rollbacks is" in capsys.readouterr().err
    assert folder is None


def test_several_processes_do_not_go_back(run, capsys):
    code, _ = run("trainer.rollbacks=1", "trainer.devices=2", above=1.0)
    assert code == 2
    assert "works with trainer.devices=1" in capsys.readouterr().err
