"""One clock, two fair steps, and the same run from the same seed."""

from dataclasses import replace

import pytest
import torch

from gan_lab.control import Control
from gan_lab.data.base import Batch
from gan_lab.errors import UserError
from gan_lab.model.frozen import frozen
from gan_lab.model.noise import generator_at
from gan_lab.model.rates import Rates
from gan_lab.networks.mlp import Critic, Generator
from gan_lab.objectives import Objective, hinge, rpgan
from gan_lab.regularizers import Constraint, Regularizer
from gan_lab.schedule import Linear


def weights(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def moved(before, after):
    return [name for name in before if not torch.equal(before[name], after[name])]


def test_the_clock_counts_generator_steps_and_images(make_gan, fit, ring):
    gan = make_gan()
    trainer = fit(gan, ring, steps=5)
    assert gan.steps == 5
    assert gan.images_seen == 5 * 16
    assert trainer.global_step == 10


def test_every_parameter_moves_in_one_step(make_gan, fit, ring):
    """All but the critic's last bias, which a difference of two logits cannot see."""
    for objective, still in ((hinge, set()), (rpgan, {"critic.head.linear.bias"})):
        gan = make_gan(objective=Objective(objective.critic, objective.generator))
        before = weights(gan)
        fit(gan, ring, steps=1)
        trained = {name for name, _ in gan.named_parameters() if not name.startswith("ema.")}
        assert trained - set(moved(before, weights(gan))) == still


def test_critic_step_leaves_the_generator_alone_and_vice_versa(make_gan, fit, ring):
    """A side with learning rate 0 keeps its weights, and no gradient leaks across."""
    for still, moving in (("generator", "critic"), ("critic", "generator")):
        sgd = lambda lr: lambda params: torch.optim.SGD(params, lr=lr)  # noqa: E731
        gan = make_gan(**{f"{still}_optimizer": sgd(0.0), f"{moving}_optimizer": sgd(0.1)})
        before = weights(gan)
        fit(gan, ring, steps=1)
        changed = [name for name in moved(before, weights(gan)) if not name.startswith("ema.")]
        assert changed
        assert all(name.startswith(moving) for name in changed)


def test_the_critics_gradient_is_its_own(make_gan, fit, ring):
    """After the generator's step the critic still holds the gradient of the critic's loss alone."""
    gan = make_gan(regularizers={}, critic_optimizer=lambda p: torch.optim.SGD(p, lr=0.0))
    start = weights(gan)
    fit(gan, ring, steps=1)
    twin = make_gan(regularizers={})
    twin.load_state_dict(start)
    batch = next(iter(_fresh(ring)))
    fake = twin.generator(twin.prior.sample(16, generator_at(0, 0, 0, 1)), batch.label).detach()
    real_logit, fake_logit = twin.critic(batch.x, batch.label), twin.critic(fake, batch.label)
    twin.objective.critic(real=real_logit, fake=fake_logit).mean().backward()
    for mine, expected in zip(gan.critic.parameters(), twin.critic.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, expected.grad)


def _fresh(data):
    data.batches_seen = lambda: 0
    return data.train_dataloader()


def test_same_seed_same_weights_and_another_seed_others(make_gan, fit, ring):
    results = []
    for seed in (0, 0, 1):
        gan = make_gan(seed=seed)
        fit(gan, ring, steps=4)
        results.append(weights(gan))
    assert moved(results[0], results[1]) == []
    assert moved(results[0], results[2])


def test_latents_differ_between_steps_ranks_and_streams(make_gan):
    gan = make_gan()
    places = [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0), (0, 1, 0, 0), (1, 0, 0, 0)]
    draws = [gan.prior.sample(4, generator_at(*place)) for place in places]
    assert torch.equal(draws[0], gan.prior.sample(4, generator_at(*places[0])))
    for k, draw in enumerate(draws):
        assert not any(torch.equal(draw, other) for other in draws[k + 1 :])


def test_penalties_are_lazy(make_gan, fit, ring):
    gan = make_gan()
    computed = []
    for name, regularizer in gan.regularizers.items():
        object.__setattr__(regularizer, "penalty", spy(regularizer.penalty, name, computed, gan))
    fit(gan, ring, steps=5)
    assert computed == [(step, name) for step in (0, 2, 4) for name in ("r1", "r2")]


def spy(penalty, name, computed, gan):
    def call(**turn):
        computed.append((gan.steps, name))
        return penalty(**turn)

    return call


def test_d_steps_split_the_batch(make_gan, fit, ring):
    gan = make_gan(d_steps=2)
    trainer = fit(gan, ring, steps=2)
    assert trainer.global_step == 2 * 3
    assert gan.steps == 2


def test_split_loses_nothing():
    batch = Batch(torch.arange(12.0).view(6, 2), torch.arange(6))
    parts = batch.split(3)
    assert torch.equal(torch.cat([part.x for part in parts]), batch.x)
    assert torch.equal(torch.cat([part.label for part in parts]), batch.label)


def test_clipping_bounds_the_gradient(make_gan, fit, ring):
    gan = make_gan(clip=1e-3)
    fit(gan, ring, steps=1)
    norm = torch.cat([p.grad.flatten() for p in gan.generator.parameters()]).norm()
    assert norm <= 1e-3 * 1.001


def test_mixed_precision_stays_close_to_float32(make_gan, fit, ring):
    terms = []
    for precision in ("32-true", "bf16-mixed"):
        gan = make_gan()
        fit(gan, ring, steps=1, precision=precision)
        terms.append({name: term.float() for name, term in gan.last_terms.items()})
    assert terms[0].keys() == terms[1].keys() >= {"loss/critic", "loss/generator", "penalty/r1"}
    for name, value in terms[0].items():
        torch.testing.assert_close(terms[1][name], value, rtol=0.05, atol=0.02)


def test_the_schedule_reaches_the_optimizer(make_gan, fit, ring):
    half = Linear(first=1.0, last=0.5, end=2 / 3)
    gan = make_gan(rates=Rates(lr=half, critic_lr=3.0, beta2=half), max_steps=3)
    trainer = fit(gan, ring, steps=3)
    groups = [group for o in trainer.optimizers for group in o.param_groups]
    assert [group["lr"] for group in groups] == pytest.approx([5e-4, 15e-4])
    assert [group["betas"] for group in groups] == [(0.0, 0.5)] * 2


def test_beta2_needs_an_optimizer_that_has_it(make_gan):
    gan = make_gan(generator_optimizer=torch.optim.SGD, rates=Rates(beta2=0.9))
    with pytest.raises(UserError, match=r"beta2.*SGD"):
        gan.configure_optimizers()


def test_checkpoint_keeps_the_clock_and_loads_without_pickle(make_gan, fit, ring, tmp_path):
    gan = make_gan(config={"seed": 0})
    fit(gan, ring, steps=3).save_checkpoint(tmp_path / "last.ckpt")
    stored = torch.load(tmp_path / "last.ckpt", weights_only=True)
    terms = stored["gan_lab"].pop("last_terms")
    assert stored["gan_lab"] == {"steps": 3, "images_seen": 48, "config": {"seed": 0}}
    assert all(torch.equal(terms[name], term) for name, term in gan.last_terms.items())
    stored["gan_lab"]["last_terms"] = terms
    other = make_gan()
    other.on_load_checkpoint(stored)
    other.load_state_dict(stored["state_dict"])
    assert (other.steps, other.images_seen) == (3, 48)
    z = torch.randn(4, 3)
    assert torch.equal(other.generate(z), gan.generate(z))
    assert torch.equal(other.generate(z, ema=False), gan.generate(z, ema=False))


def test_generate_restores_the_training_mode(make_gan):
    gan = make_gan()
    gan.train()
    gan.generate(torch.randn(2, 3), ema=False)
    assert gan.generator.training
    assert not gan.ema.network.training


def test_frozen_restores_what_it_froze():
    network = torch.nn.Linear(2, 1)
    network.bias.requires_grad_(False)
    x = torch.randn(3, 2, requires_grad=True)
    with frozen(network):
        network(x).sum().backward()
    assert network.weight.grad is None
    assert x.grad is not None
    assert network.weight.requires_grad
    assert not network.bias.requires_grad


def test_other_objectives_train(make_gan, fit, ring):
    gan = make_gan(objective=Objective(critic=hinge.critic, generator=hinge.generator))
    fit(gan, ring, steps=2)
    assert all(term.isfinite() for term in gan.last_terms.values())


@pytest.mark.parametrize("wrong", [{"d_steps": 0}, {"log_every": 0}])
def test_wrong_numbers_are_refused(make_gan, wrong):
    with pytest.raises(UserError):
        make_gan(**wrong)


class Follower(Control):
    """Remembers what the critic said, and adds a constant to every sample."""

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.judged = []

    def update(self, *, real, fake, images):
        self.seen += images
        self.judged.append((real.shape, fake.shape))

    def readings(self):
        return {"follower/seen": float(self.seen)}

    def forward(self, x, rng):
        return x + torch.rand((), generator=rng)


def test_augmentation_is_what_the_critic_sees_and_follows_its_judgement(make_gan, fit, ring):
    augment = Follower()
    gan = make_gan(augment=augment, regularizers={"spy": Regularizer(spread)})
    fit(gan, ring, steps=3)
    assert augment.seen == 3 * 16
    assert augment.judged == [((16,), (16,))] * 3
    assert "augment.seen" in gan.state_dict()
    assert gan.last_terms["follower/seen"] == 3 * 16


def spread(*, critic, real, fake, real_logit, fake_logit, **_):
    """Whether the logits belong to the views: zero, or the test below fails."""
    return (critic(real) - real_logit).square() + (critic(fake) - fake_logit).square()


def test_penalties_see_the_views_that_were_judged(make_gan, fit, ring):
    gan = make_gan(augment=Follower(), regularizers={"spy": Regularizer(spread)})
    fit(gan, ring, steps=2)
    assert gan.last_terms["penalty/spy"] == 0


def test_packs_are_judged_together(make_gan, fit, ring):
    seen = replace(ring.spec, channels=4, channel_names=(), classes=())
    unpacked = replace(ring.spec, classes=())
    shapes = []

    def look(*, real, fake, real_logit, z, **_):
        shapes.append((real.shape, fake.shape, real_logit.shape, z.shape))
        return real_logit

    gan = make_gan(
        pack=2,
        generator=Generator(unpacked, 3, width=8),
        critic=Critic(seen, width=8),
        regularizers={"look": Regularizer(look)},
    )
    fit(gan, ring, steps=1)
    assert shapes == [((8, 4), (8, 4), (8,), (16, 3))]
    assert gan.images_seen == 16


def test_the_generators_own_penalty_moves_it_alone(make_gan, fit, ring):
    """With zero learning rate in the critic and a flat objective, only the penalty acts."""

    def size(*, fake, **_):
        return fake.square().flatten(1).sum(1)

    flat = Objective(samples=lambda *, real, fake: 0 * fake.flatten(1).sum(1))
    gan = make_gan(objective=flat, regularizers={"size": Regularizer(size, side="generator")})
    before, critic = weights(gan.generator), weights(gan.critic)
    fit(gan, ring, steps=1)
    assert moved(before, weights(gan.generator)) == list(before)
    assert moved(critic, weights(gan.critic)) == []
    assert "penalty/size" in gan.last_terms


def test_constraints_follow_every_step_of_their_side(make_gan, fit, ring):
    def clamp(network):
        for parameter in network.parameters():
            parameter.data.clamp_(-0.01, 0.01)

    gan = make_gan(regularizers={"clamp": Constraint(clamp)})
    fit(gan, ring, steps=2)
    assert all(p.abs().max() <= 0.01 for p in gan.critic.parameters())
    assert any(p.abs().max() > 0.01 for p in gan.generator.parameters())


class Head(torch.nn.Module):
    """A penalty with weights of its own."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(8, 1)

    def forward(self, *, critic, fake, **_):
        return (self.linear(critic.features(fake)).squeeze(1) - 1).square()


def test_heads_learn_with_the_critic_and_stay_still_in_the_generators_turn(make_gan, fit, ring):
    head = Head()
    terms = {"head": Regularizer(head), "pull": Regularizer(head, side="generator")}
    gan = make_gan(regularizers=terms)
    before = weights(head)
    fit(gan, ring, steps=1)
    assert moved(before, weights(head)) == list(before)
    assert {"penalty/head", "penalty/pull"} <= gan.last_terms.keys()
    own = [p for group in gan.optimizers()[1].param_groups for p in group["params"]]
    assert len(own) == len(set(own)) == len(list(gan.critic.parameters())) + 2


def test_the_number_of_critic_steps_can_change(make_gan, fit, ring):
    shrink = Linear(first=4.0, last=1.0, end=0.5)
    gan = make_gan(d_steps=4, d_steps_now=shrink, max_steps=4)
    trainer = fit(gan, ring, steps=4)
    assert trainer.global_step == sum((4 + 1, 2 + 1, 1 + 1, 1 + 1))
    assert gan.images_seen == (4 + 2 + 1 + 1) * 4


def test_the_half_life_can_change(make_gan, fit, ring):
    gan = make_gan(half_life=Linear(first=10.0, last=20.0), max_steps=4)
    fit(gan, ring, steps=3)
    assert gan.ema.half_life == pytest.approx(15.0)


def test_logits_are_gathered_once_for_all_controls(make_gan, fit, ring, monkeypatch):
    """Two processes that agree: each control sees twice the batch, the second one no more."""
    augment = Follower()
    gan = make_gan(augment=augment)
    other = Follower()
    gan.controls.append(other)
    monkeypatch.setattr(gan, "all_gather", lambda pair: tuple(x.repeat(2, 1) for x in pair))
    fit(gan, ring, steps=1)
    assert augment.judged == other.judged == [((32,), (32,))]
