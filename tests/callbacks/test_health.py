import functools
import io
import json
from dataclasses import replace

import pytest
import pytorch_lightning as pl
import torch
from rich.console import Console
from torch import nn

from gan_lab.augment.augment import Augment
from gan_lab.augment.noise import Noise
from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.health import Health
from gan_lab.callbacks.health_record import Record
from gan_lab.callbacks.progress import ProgressLine
from gan_lab.data.digits8 import Digits8
from gan_lab.data.points import Ring
from gan_lab.errors import UserError
from gan_lab.latent import Normal
from gan_lab.metrics.health import State
from gan_lab.model.gan import GAN
from gan_lab.networks.mlp import Critic, Generator
from gan_lab.objectives import Objective, rpgan
from gan_lab.objectives.began import began
from gan_lab.objectives.energy_distance import energy_distance
from gan_lab.regularizers import Regularizer
from gan_lab.regularizers.gradient import r1


@pytest.fixture(scope="module")
def ring():
    data = Ring(n=400, batch_size=16)
    data.setup()
    return data


@pytest.fixture
def play(tmp_path):
    """Train a small GAN with some callbacks."""

    def run(data, *callbacks, steps=6, ckpt_path=None, width=8, spectral=False, **options):
        torch.manual_seed(1)
        pack = options.get("pack", 1)
        seen = replace(data.spec, channels=data.spec.channels * pack, channel_names=())
        adam = functools.partial(torch.optim.Adam, lr=1e-3, betas=(0.0, 0.99))
        parts = {
            "generator": Generator(data.spec, 3, width=width),
            "critic": Critic(seen, width=width, spectral=spectral),
            "prior": Normal(3),
            "spec": data.spec,
            "objective": Objective(critic=rpgan.critic, generator=rpgan.generator),
            "regularizers": {"r1": Regularizer(r1, 0.5, 2)},
            "generator_optimizer": adam,
            "critic_optimizer": adam,
        }
        gan = GAN(**{**parts, **options})
        data.batches_seen = lambda: gan.steps
        trainer = pl.Trainer(
            max_epochs=-1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, callbacks=[*callbacks, StopAfter(steps)],
            accelerator="cpu", default_root_dir=tmp_path,
        )  # fmt: skip
        trainer.fit(gan, datamodule=data, ckpt_path=ckpt_path)
        return trainer, gan

    return run


@pytest.mark.parametrize("spectral", [False, True])
def test_training_is_not_touched(play, ring, spectral):
    options = {"augment": Augment({"noise": Noise(std=0.1)}), "spectral": spectral, "d_steps": 2}
    data = Ring(n=400, batch_size=16, batches_per_step=2)
    data.setup()
    health = Health(every=1)
    _, watched = play(data, health, **options)
    assert all(layer.gradient is not None for layer in health._record.history[-1].layers)
    _, alone = play(data, **options)
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name]), name


def test_signals_join_the_terms_and_the_file(play, ring, tmp_path):
    _, gan = play(ring, Health(every=2, n=64))
    record = Record(tmp_path / "health.json")
    assert [s.step for s in record.history] == [2, 4, 6]
    assert record.every == 2
    last = record.history[-1]
    for name, value in last.numbers().items():
        assert float(gan.last_terms[f"health/{name}"]) == pytest.approx(value)
    assert {"accuracy", "distance", "diversity", "depth", "critic_singular"} <= set(last.numbers())
    assert record.latest.state is State.TOO_EARLY
    assert float(gan.last_terms["health/state"]) == State.TOO_EARLY.number
    assert record.history[0].layers == ()
    names = {f"{la.network}.{la.name}" for la in last.layers}
    wanted = {f"generator.{n}" for n, _ in gan.generator.named_parameters()}
    assert names == wanted | {f"critic.{n}" for n, _ in gan.critic.named_parameters()}


def test_gradients_are_those_of_the_optimizer_step(play, ring):
    class Spy(pl.Callback):
        def __init__(self):
            self.seen = {}

        def on_before_optimizer_step(self, trainer, pl_module, optimizer):
            side = optimizer.param_groups[0]["name"]
            network = getattr(pl_module, side)
            self.seen.setdefault(side, []).append(
                {n: float(p.grad.square().mean().sqrt()) for n, p in network.named_parameters()}
            )

    spy, health = Spy(), Health(every=3)
    play(ring, health, spy, steps=3, d_steps=3)
    for layer in health._record.history[0].layers:
        seen = spy.seen[layer.network]
        last = sorted(step[layer.name] for step in seen[len(seen) * 2 // 3 :])
        assert layer.gradient == pytest.approx(last[len(last) // 2], rel=1e-4)


def test_a_resumed_run_goes_on_in_its_record(play, ring, tmp_path):
    trainer, _ = play(ring, Health(every=2), steps=4)
    trainer.save_checkpoint(tmp_path / "at4.ckpt")
    play(ring, Health(every=2), steps=6, ckpt_path=tmp_path / "at4.ckpt")
    assert [s.step for s in Record(tmp_path / "health.json").history] == [2, 4, 6]
    play(ring, Health(every=2), steps=6, ckpt_path=tmp_path / "at4.ckpt")
    assert [s.step for s in Record(tmp_path / "health.json").history] == [2, 4, 6]


def test_a_loss_that_is_not_finite_is_named_with_step_and_layer(play, ring, tmp_path):
    def broken(*, real, fake):
        bad = health._trace._terms and health._trace._terms[-1][0] == 2
        return rpgan.critic(real=real, fake=fake) * (float("nan") if bad else 1.0)

    health = Health(every=4)
    play(ring, health, steps=4, objective=Objective(critic=broken, generator=rpgan.generator))
    verdict = Record(tmp_path / "health.json").latest
    assert verdict.state is State.DIVERGED
    assert "loss/critic was nan at step 3" in verdict.evidence
    assert "critic.body.0.linear.weight was not finite at step 4" in verdict.evidence
    assert "the weight generator." in verdict.evidence
    plain = (tmp_path / "health.json").read_text()
    assert "NaN" not in plain
    assert json.loads(plain)["latest"]["state"] == "diverged"


def test_a_game_without_a_critic(play, ring):
    health = Health(every=2)
    play(ring, health, objective=Objective(samples=energy_distance), regularizers={})
    last = health._record.history[-1]
    assert (last.accuracy, last.slope, last.critic_gradient) == (None, None, None)
    assert last.distance is not None
    assert last.generator_gradient is not None


def test_energies_packs_and_labels(play, ring, tmp_path):
    for options in ({"objective": began(), "regularizers": {}}, {"pack": 2}):
        health = Health(every=3)
        (tmp_path / "health.json").unlink(missing_ok=True)
        play(ring, health, **options)
        assert 0 <= health._record.history[-1].accuracy <= 1
    (tmp_path / "health.json").unlink()
    digits, health = Digits8(batch_size=8), Health(every=3)
    digits.setup()
    play(digits, health)
    assert health._record.history[-1].accuracy is not None


def test_an_augmentation_is_watched(play, ring, tmp_path):
    health = Health(every=3)
    play(ring, health, augment=Augment({"noise": Noise(std=1.0)}))
    last = health._record.history[-1]
    assert last.augment_probability == 1.0
    assert last.leak is not None
    (tmp_path / "health.json").unlink()
    play(ring, health, augment=Augment({"noise": Noise(std=1.0)}, probability=0.0))
    assert health._record.history[-1].leak is None


def test_few_rows(play):
    tiny = Ring(n=6, batch_size=2)
    tiny.setup()
    health = Health(every=3)
    play(tiny, health)
    assert health._record.history[-1].distance is not None


def test_the_progress_line_says_the_word(play, ring):
    out = io.StringIO()
    console = Console(file=out, width=200)
    play(ring, Health(every=1), ProgressLine(share=1.0, console=console), steps=10)
    assert "healthy" in out.getvalue()


def test_what_is_no_gan_is_refused(fit, toy, images_spec):
    with pytest.raises(UserError, match=r"callbacks\.health=null"):
        fit(Health(), StopAfter(1), model=toy(images_spec))


@pytest.mark.parametrize("options", [{"every": 0}, {"n": 7}])
def test_numbers_are_checked(options):
    with pytest.raises(UserError, match=r"callbacks\.health"):
        Health(**options)


def test_a_damaged_record_is_one_clear_sentence(tmp_path):
    (tmp_path / "health.json").write_text("{")
    with pytest.raises(UserError, match="delete it"):
        Record(tmp_path / "health.json")


def test_networks_are_left_in_their_mode(play, ring):
    class Look(pl.Callback):
        def on_train_batch_end(self, trainer, pl_module, *_):
            assert pl_module.generator.training
            assert not pl_module.critic.head.training

        def on_train_start(self, trainer, pl_module):
            assert isinstance(pl_module.critic.head, nn.Module)
            pl_module.critic.head.eval()

    play(ring, Look(), Health(every=1), Look(), steps=2)
