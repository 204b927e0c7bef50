"""Gradient penalties against closed forms on linear and quadratic critics."""

import pytest
import torch

from gan_lab.components.packing import pack
from gan_lab.regularizers.gradient import dragan, gradient_penalty, input_gradient, r1, r2

BATCHES = pytest.mark.parametrize("batch", [1, 64])


def linear(w):
    return lambda x: (x * w).flatten(1).sum(1)


def quadratic(x):
    return 0.5 * x.flatten(1).square().sum(1)


def spied(critic, seen):
    """A critic that remembers where it was asked."""

    def ask(x):
        seen.append(x.detach())
        return critic(x)

    return ask


@BATCHES
def test_r1_and_r2_of_a_linear_critic_are_half_the_squared_norm(shape, batch):
    w = torch.randn(shape)
    real, fake = torch.randn(batch, *shape), torch.randn(batch, *shape)
    expected = (0.5 * w.square().sum()).expand(batch)
    for penalty in (r1, r2):
        torch.testing.assert_close(penalty(critic=linear(w), real=real, fake=fake), expected)


@BATCHES
def test_r1_sees_real_and_r2_sees_fake(shape, batch):
    real, fake = torch.randn(batch, *shape), torch.randn(batch, *shape)
    for penalty, x in ((r1, real), (r2, fake)):
        value = penalty(critic=quadratic, real=real, fake=fake)
        torch.testing.assert_close(value, 0.5 * x.flatten(1).square().sum(1))


@BATCHES
@pytest.mark.parametrize("penalty", [gradient_penalty, dragan])
def test_norm_penalties_of_a_linear_critic(penalty, shape, batch):
    w = torch.randn(shape, dtype=torch.float64)
    real, fake = torch.randn(2, batch, *shape, dtype=torch.float64)
    rng = torch.Generator().manual_seed(0)
    for scale in (1.0, 0.3, 2.5):
        critic = linear(scale * w / w.norm())
        value = penalty(critic=critic, real=real, fake=fake, rng=rng)
        expected = torch.full((batch,), (scale - 1) ** 2, dtype=torch.float64)
        torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-12)


@BATCHES
def test_gradient_penalty_of_a_quadratic_critic(shape, batch):
    real, fake = torch.randn(2, batch, *shape, dtype=torch.float64)
    value = gradient_penalty(
        critic=quadratic, real=real, fake=fake, rng=torch.Generator().manual_seed(5)
    )
    alpha = torch.rand(batch, generator=torch.Generator().manual_seed(5)).double()
    points = [a * x + (1 - a) * y for a, x, y in zip(alpha, real, fake, strict=True)]
    expected = torch.stack([(p.norm() - 1) ** 2 for p in points])
    torch.testing.assert_close(value, expected, rtol=1e-10, atol=1e-12)


def test_one_sided_forgives_small_gradients_alone():
    x = torch.randn(8, 4)
    for length, one_sided in ((0.2, 0.0), (3.0, 4.0)):
        w = torch.full((4,), length / 2)
        value = gradient_penalty(critic=linear(w), real=x, fake=-x, one_sided=True)
        torch.testing.assert_close(value, torch.full((8,), one_sided))
    assert gradient_penalty(critic=linear(torch.full((4,), 0.1)), real=x, fake=-x).gt(0).all()


def test_the_target_is_the_wanted_norm():
    x, w = torch.randn(8, 4), torch.full((4,), 1.5)
    assert gradient_penalty(critic=linear(w), real=x, fake=-x, target=3.0).eq(0).all()
    assert dragan(critic=linear(w), real=x, target=3.0).eq(0).all()


def test_interpolation_draws_one_uniform_alpha_per_sample():
    seen, n = [], 2048
    real, fake = torch.ones(n, 2, 6), torch.zeros(n, 2, 6)
    rng = torch.Generator().manual_seed(0)
    gradient_penalty(critic=spied(linear(torch.ones(2, 6)), seen), real=real, fake=fake, rng=rng)
    alpha = seen[0].flatten(1)
    assert alpha.std(1).max() == 0
    assert len(alpha[:, 0].unique()) > n - 10
    assert alpha.min() >= 0
    assert alpha.max() <= 1
    ladder = torch.arange(1, n + 1) / n
    # Kolmogorov-Smirnov at p = 1e-4; the draws are fixed by the seed.
    assert (alpha[:, 0].sort().values - ladder).abs().max() < 2.23 / n**0.5


def test_dragan_shakes_every_channel_in_proportion_to_its_spread():
    seen, scale = [], torch.tensor([0.01, 1.0, 50.0])
    real = torch.randn(512, 3, 8) * scale.view(1, 3, 1) + 7
    rng = torch.Generator().manual_seed(0)
    dragan(critic=spied(linear(torch.ones(3, 8)), seen), real=real, rng=rng)
    noise = seen[0] - real
    # 4,096 draws a channel: four standard errors of a deviation, 1.1 % each, and of a mean.
    torch.testing.assert_close(noise.std((0, 2)), 0.5 * scale, rtol=0.045, atol=0)
    assert (noise.mean((0, 2)).abs() < 4 * 0.5 * scale / 64).all()
    assert noise[:, 1].unique().numel() > 4000


def test_penalties_are_fixed_by_the_generator_of_their_draws(make_game):
    game = make_game()
    for penalty in (gradient_penalty, dragan):
        first, again = (penalty(**vars(game.turn())) for _ in range(2))
        assert torch.equal(first, again)
        turn = {**vars(game.turn()), "rng": torch.Generator().manual_seed(1)}
        assert not torch.equal(first, penalty(**turn))


def test_a_flat_critic_gives_finite_gradients():
    w = torch.zeros(4, requires_grad=True)
    x = torch.randn(8, 4)
    for penalty in (gradient_penalty, dragan, r1):
        value = penalty(critic=lambda x: x @ w, real=x, fake=-x).sum()
        (gradient,) = torch.autograd.grad(value, w)
        assert gradient.isfinite().all()


def test_r1_of_a_linear_critic_on_packs_is_the_norm_over_the_pack():
    w = torch.randn(6, 5)
    packs = pack(torch.randn(12, 2, 5), 3)
    expected = (0.5 * w.square().sum()).expand(4)
    torch.testing.assert_close(r1(critic=linear(w), real=packs), expected)


def test_gradient_leaves_the_sample_alone():
    x = torch.randn(4, 3)
    input_gradient(linear(torch.ones(3)), x)
    assert not x.requires_grad


def test_gradient_is_taken_where_gradients_are_off():
    x = torch.randn(4, 3)
    with torch.no_grad():
        value = r1(critic=linear(torch.ones(3)), real=x)
    torch.testing.assert_close(value, torch.full((4,), 1.5))
