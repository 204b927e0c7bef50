"""Every state is provoked and named; healthy runs raise no alarm."""

import json
import os
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.health import Health
from gan_lab.callbacks.health_record import Record
from gan_lab.cli import diagnose, train
from gan_lab.cli.build import build, make, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.config import CONFIG_DIR
from gan_lab.metrics.health import State

pytestmark = pytest.mark.slow

ILL = {
    "collapse": State.COLLAPSED,
    "diverge": State.DIVERGED,
    "leak": State.LEAKS,
    "oscillate": State.OSCILLATING,
    "overfit": State.OVERFITS,
    "overpower": State.OVERPOWERS,
    "vanish": State.VANISHING,
}
CALM = {State.TOO_EARLY, State.HEALTHY}
RING = (
    "data=ring", "networks=mlp", "latent.dim=2", "trainer.max_steps=300", "trainer.threads=1",
    "model.generator_optimizer.lr=2e-3", "model.critic_optimizer.lr=2e-3",
    "callbacks.health.every=20",
)  # fmt: skip
HEALTHY = {
    **{f"ring, seed {seed}": (*RING, f"seed={seed}") for seed in range(5)},
    "ring without a critic": (*RING, "objectives=energy_distance", "regularizers=none"),
    "digits": ("experiment=digits8_mlp", "trainer.max_steps=200", "callbacks.health.every=20"),
    "digits, augmented": (
        "experiment=digits8_mlp", "augment=diffaugment", "trainer.max_steps=200",
        "callbacks.health.every=20",
    ),
    "series": ("experiment=market_cnn1d", "trainer.max_steps=100", "callbacks.health.every=10"),
}  # fmt: skip


@pytest.fixture
def record(tmp_path):
    """Train with the monitor as the only callback; returns what it wrote."""

    def trained(words) -> Record:
        config = compose(words)
        parts = build(config)
        health = make(config.callbacks.health)
        assert isinstance(health, Health)
        stop = StopAfter(config.trainer.max_steps)
        trainer = make_trainer(config.trainer, tmp_path, [health, stop])
        trainer.fit(parts.model, datamodule=parts.data)
        return Record(tmp_path / "health.json")

    return trained


def test_there_is_a_configuration_for_every_state():
    assert {p.stem for p in Path(CONFIG_DIR, "experiment/ill").glob("*.yaml")} == set(ILL)
    assert set(ILL.values()) == set(State) - CALM


@pytest.mark.parametrize("name", list(ILL))
def test_a_state_is_named_and_no_other(record, name):
    found = record([f"experiment=ill/{name}"])
    assert found.latest.state is ILL[name]
    assert {v.state for v in found.verdicts} - CALM == {ILL[name]}
    assert found.latest.advice


@pytest.mark.parametrize("name", list(HEALTHY))
def test_a_healthy_run_raises_no_alarm(record, name):
    found = record(HEALTHY[name])
    assert [v.state for v in found.verdicts] == [State.TOO_EARLY, State.HEALTHY]


def test_the_command_after_a_real_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["experiment=smoke", "trainer.max_steps=20", "callbacks.health.every=2"]
    assert train.main([*words, "model.log_every=4"]) == 0
    shown = capsys.readouterr().out
    (folder,) = Path("outputs/smoke").iterdir()
    header = (folder / "metrics.csv").read_text().splitlines()[0].split(",")
    assert {"health/state", "health/accuracy", "health/distance"} <= set(header)
    events = EventAccumulator(os.fspath(folder / "tensorboard"))
    events.Reload()
    assert "health/text_summary" in events.Tags()["tensors"]
    assert diagnose.main([]) == 0
    out = capsys.readouterr().out
    latest = json.loads((folder / "health.json").read_text())["latest"]
    assert latest["state"] in out
    assert latest["state"] in shown
    assert diagnose.main([str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["latest"] == latest
