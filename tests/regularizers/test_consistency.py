"""Consistency under transforms of samples and of latents."""

import pytest
import torch

from gan_lab.regularizers.consistency import (
    consistency_fake,
    consistency_real,
    latent_consistency,
    latent_diversity,
)


def flip(x, rng):
    """Flip half of the samples along their last axis."""
    chosen = torch.rand(len(x), generator=rng) < 0.5
    return torch.where(chosen.view(-1, *[1] * (x.ndim - 1)), x.flip(-1), x)


def shift(x, rng):
    return x + 0.5


def total(x):
    return x.flatten(1).sum(1)


SIDES = pytest.mark.parametrize(
    ("penalty", "name"), [(consistency_real, "real"), (consistency_fake, "fake")]
)


@SIDES
def test_an_invariant_critic_pays_nothing(penalty, name, shape):
    x = torch.randn(16, *shape)
    samples = {name: x, f"{name}_logit": total(x), "rng": torch.Generator().manual_seed(0)}
    value = penalty(critic=total, transform=flip, **samples)
    torch.testing.assert_close(value, torch.zeros(16), atol=1e-10, rtol=0)
    value = penalty(critic=lambda x: x.flatten(1)[:, 0], transform=flip, **samples)
    assert value.gt(0).any()


@SIDES
def test_a_linear_critic_pays_for_the_shift(penalty, name, shape):
    x, w = torch.randn(16, *shape), torch.randn(shape)
    critic = lambda x: total(x * w)  # noqa: E731
    samples = {name: x, f"{name}_logit": critic(x), "rng": torch.Generator()}
    value = penalty(critic=critic, transform=shift, **samples)
    expected = (0.5 * w.sum()).square().expand(16)
    torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-5)


@SIDES
def test_the_transform_draws_from_the_turn(penalty, name):
    x = torch.randn(64, 3, 8)
    critic = lambda x: x[:, 0, 0]  # noqa: E731
    samples = {name: x, f"{name}_logit": critic(x)}

    def value(seed):
        rng = torch.Generator().manual_seed(seed)
        return penalty(critic=critic, transform=flip, rng=rng, **samples)

    assert torch.equal(value(0), value(0))
    assert not torch.equal(value(0), value(1))


def test_zcr_of_linear_networks_is_the_change_along_the_noise():
    # D(G(z)) = w.Az, so the gap is (w.A delta)^2, and the generator moves by |A delta|^2 / m.
    a, w = torch.randn(10, 4), torch.randn(10)
    z = torch.randn(256, 4)
    delta = 0.2 * torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
    generator, critic, view = (lambda z: z @ a.T), (lambda x: x @ w), (lambda x: 3 * x)
    draws = {"z": z, "noise": 0.2, "generator": generator}
    gap = latent_consistency(
        critic=critic,
        view=view,
        fake_logit=critic(view(generator(z))),
        rng=torch.Generator().manual_seed(0),
        **draws,
    )
    expected = 9 * (delta @ a.T @ w).square()
    torch.testing.assert_close(gap, expected, rtol=1e-3, atol=1e-4)
    spread = latent_diversity(rng=torch.Generator().manual_seed(0), **draws)
    expected = -(delta @ a.T).square().mean(1)
    torch.testing.assert_close(spread, expected, rtol=1e-4, atol=1e-6)


def test_zcr_in_the_critics_turn_does_not_reach_the_generator(make_game):
    game = make_game()
    latent_consistency(**vars(game.turn("critic"))).sum().backward()
    assert all(p.grad is None for p in game.generator.parameters())
    assert any(p.grad is not None for p in game.critic.parameters())


def test_zcr_makes_the_generator_answer_more_to_its_latents(make_game):
    game = make_game(batch=64)
    optimizer = torch.optim.SGD(game.generator.parameters(), lr=1.0)
    before = latent_diversity(**vars(game.turn("generator"))).mean()
    before.backward()
    optimizer.step()
    assert latent_diversity(**vars(game.turn("generator"))).mean() < before
