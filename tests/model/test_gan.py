"""One clock, two fair steps, and the same run from the same seed."""

import pytest
import torch

from gan_lab.data.base import Batch
from gan_lab.errors import UserError
from gan_lab.model.gan import frozen, split
from gan_lab.objectives import Objective, hinge, rpgan


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
    fake = twin.generator(twin.prior.sample(16, twin._rng(1)), batch.label).detach()
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
    draws = [gan.prior.sample(4, gan._rng(stream)) for stream in (0, 1, 1)]
    gan.steps = 1
    draws.append(gan.prior.sample(4, gan._rng(1)))
    assert torch.equal(draws[1], draws[2])
    assert not torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[1], draws[3])


def test_penalties_are_lazy(make_gan, fit, ring):
    gan = make_gan()
    computed = []
    for name, regularizer in gan.regularizers.items():
        object.__setattr__(regularizer, "penalty", spy(regularizer.penalty, name, computed, gan))
    fit(gan, ring, steps=5)
    assert computed == [(step, name) for step in (0, 2, 4) for name in ("r1", "r2")]


def spy(penalty, name, computed, gan):
    def call(critic, **samples):
        computed.append((gan.steps, name))
        return penalty(critic, **samples)

    return call


def test_d_steps_split_the_batch(make_gan, fit, ring):
    gan = make_gan(d_steps=2)
    trainer = fit(gan, ring, steps=2)
    assert trainer.global_step == 2 * 3
    assert gan.steps == 2


def test_split_loses_nothing():
    batch = Batch(torch.arange(12.0).view(6, 2), torch.arange(6))
    parts = split(batch, 3)
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
    gan = make_gan(schedule=lambda step: 0.5 if step == 2 else 1.0)
    trainer = fit(gan, ring, steps=3)
    assert [group["lr"] for o in trainer.optimizers for group in o.param_groups] == [5e-4, 5e-4]


def test_checkpoint_keeps_the_clock_and_loads_without_pickle(make_gan, fit, ring, tmp_path):
    gan = make_gan(config={"seed": 0})
    fit(gan, ring, steps=3).save_checkpoint(tmp_path / "last.ckpt")
    stored = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert stored["gan_lab"] == {"steps": 3, "images_seen": 48, "config": {"seed": 0}}
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
