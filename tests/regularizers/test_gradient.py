"""Penalties against closed forms on linear and quadratic critics."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.regularizers import Regularizer
from gan_lab.regularizers.gradient import gradient_penalty, input_gradient, r1, r2

SHAPES = [(2,), (3, 8), (1, 5, 7)]


def linear(w):
    return lambda x: (x * w).flatten(1).sum(1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch", [1, 64])
def test_r1_and_r2_of_a_linear_critic_are_half_the_squared_norm(shape, batch):
    w = torch.randn(shape)
    real, fake = torch.randn(batch, *shape), torch.randn(batch, *shape)
    expected = (0.5 * w.square().sum()).expand(batch)
    for penalty in (r1, r2):
        torch.testing.assert_close(penalty(linear(w), real=real, fake=fake), expected)


@pytest.mark.parametrize("batch", [1, 64])
def test_r1_sees_real_and_r2_sees_fake(batch):
    real, fake = torch.randn(batch, 3), torch.randn(batch, 3)

    def quadratic(x):
        return 0.5 * x.square().sum(1)

    torch.testing.assert_close(r1(quadratic, real=real, fake=fake), 0.5 * real.square().sum(1))
    torch.testing.assert_close(r2(quadratic, real=real, fake=fake), 0.5 * fake.square().sum(1))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch", [1, 64])
def test_gradient_penalty_of_a_linear_critic(shape, batch):
    w = torch.randn(shape)
    real, fake = torch.randn(batch, *shape), torch.randn(batch, *shape)
    unit = w / w.norm()
    zero = gradient_penalty(linear(unit), real=real, fake=fake)
    torch.testing.assert_close(zero, torch.zeros(batch), atol=1e-6, rtol=0)
    value = gradient_penalty(linear(w), real=real, fake=fake)
    torch.testing.assert_close(value, (w.norm() - 1).square().expand(batch), rtol=1e-4, atol=1e-5)


def test_one_sided_forgives_small_gradients():
    x = torch.randn(8, 4)
    w = torch.full((4,), 0.1)
    assert gradient_penalty(linear(w), real=x, fake=-x, one_sided=True).eq(0).all()
    assert gradient_penalty(linear(w), real=x, fake=-x).gt(0).all()


def test_interpolation_draws_one_alpha_per_sample():
    seen = []

    def spy(x):
        seen.append(x.detach())
        return x.flatten(1).sum(1)

    real, fake = torch.ones(64, 2, 6), torch.zeros(64, 2, 6)
    gradient_penalty(spy, real=real, fake=fake, rng=torch.Generator().manual_seed(0))
    alpha = seen[0].flatten(1)
    assert alpha.std(1).max() == 0
    assert len(alpha[:, 0].unique()) == 64


def test_second_derivative_reaches_the_parameters():
    w = torch.randn(3, dtype=torch.float64, requires_grad=True)
    r1(linear(w.float()), real=torch.randn(4, 3), fake=torch.randn(4, 3)).mean().backward()
    torch.testing.assert_close(w.grad, w.detach(), rtol=1e-5, atol=1e-6)


def test_float32_under_autocast():
    net = torch.nn.Sequential(torch.nn.Linear(16, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    x = torch.randn(8, 16)

    def critic(x):
        return net(x).squeeze(1)

    plain = r1(critic, real=x, fake=x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = r1(critic, real=x.bfloat16().float(), fake=x)
        same = r1(critic, real=x, fake=x)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(same, plain)


def test_gradient_leaves_the_sample_alone():
    x = torch.randn(4, 3)
    input_gradient(linear(torch.ones(3)), x)
    assert not x.requires_grad


def test_lazy_interval_keeps_the_mean():
    lazy = Regularizer(r1, weight=0.5, every=4)
    total = sum(lazy.factor for step in range(40) if lazy.is_due(step))
    assert total / 40 == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [{"every": 0}, {"weight": -1.0}])
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UserError):
        Regularizer(r1, **wrong)
