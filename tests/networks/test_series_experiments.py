"""The time-series GANs of the literature, as experiments: they build, play a round and fit."""

import pytest
import torch

from gan_lab.cli.build import build
from gan_lab.cli.compose import compose
from gan_lab.networks.any_length import AnyLength, Continues

SMALL = {
    "rcgan": ["data.n=200"],
    "c_rnn_gan": ["data.n=200"],
    "quantgan": [],
}


@pytest.mark.parametrize("name", SMALL)
def test_experiment_builds_and_both_sides_learn(name):
    parts = build(compose([f"experiment={name}", *SMALL[name], "trainer.threads=1"]))
    model, real = parts.model, parts.data.train.x[:4]
    generator_optimizer, critic_optimizer = model.configure_optimizers()
    fake = model.generator(parts.prior.sample(4, torch.Generator().manual_seed(0)))
    assert fake.shape == real.shape
    logits = {"real": model.critic(real), "fake": model.critic(fake)}
    model.objective.critic_loss(**logits).sum().backward(retain_graph=True)
    model.objective.generator_loss(**logits).sum().backward()
    for optimizer in (generator_optimizer, critic_optimizer):
        (group,) = optimizer.param_groups
        assert all(p.grad is not None and p.grad.isfinite().all() for p in group["params"])


@pytest.mark.parametrize(
    ("name", "shared", "own"), [("rcgan", 1, True), ("c_rnn_gan", 16, True), ("quantgan", 0, True)]
)
def test_every_step_has_noise_of_its_own(name, shared, own):
    generator = build(compose([f"experiment={name}", *SMALL[name]])).model.generator
    assert isinstance(generator, AnyLength)
    assert isinstance(generator, Continues) == (name == "c_rnn_gan")
    assert generator.split.shared == shared
    assert (generator.split.spread is None) == own
