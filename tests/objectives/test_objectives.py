"""Every objective against closed forms, gradcheck and torch's own losses."""

import importlib
import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

NAMES = [
    "rpgan", "relativistic_average", "minimax", "non_saturating", "hinge", "wgan", "lsgan",
]  # fmt: skip


def sides(name):
    module = importlib.import_module(f"gan_lab.objectives.{name}")
    return module.critic, module.generator


@pytest.mark.parametrize(
    ("name", "critic_at_zero", "generator_at_zero"),
    [
        ("rpgan", math.log(2), math.log(2)),
        ("relativistic_average", 2 * math.log(2), 2 * math.log(2)),
        ("minimax", 2 * math.log(2), -math.log(2)),
        ("non_saturating", 2 * math.log(2), math.log(2)),
        ("hinge", 2.0, 0.0),
        ("wgan", 0.0, 0.0),
        ("lsgan", 0.5, 0.5),
    ],
)
def test_value_where_the_critic_cannot_tell(name, critic_at_zero, generator_at_zero):
    critic, generator = sides(name)
    zero = torch.zeros(3)
    torch.testing.assert_close(critic(real=zero, fake=zero), torch.full((3,), critic_at_zero))
    torch.testing.assert_close(generator(real=zero, fake=zero), torch.full((3,), generator_at_zero))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [0, 1])
def test_gradient(name, side):
    loss = sides(name)[side]
    real = torch.randn(5, dtype=torch.float64, requires_grad=True)
    fake = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda r, f: loss(real=r, fake=f), (real, fake))


@pytest.mark.parametrize("name", NAMES)
def test_critic_wants_real_up_and_fake_down_and_the_generator_wants_fake_up(name):
    critic, generator = sides(name)
    real = torch.full((4,), 0.3, requires_grad=True)
    fake = torch.full((4,), 0.2, requires_grad=True)
    real_gradient, fake_gradient = torch.autograd.grad(
        critic(real=real, fake=fake).sum(), (real, fake)
    )
    assert (real_gradient < 0).all()
    assert (fake_gradient > 0).all()
    (towards,) = torch.autograd.grad(generator(real=real, fake=fake).sum(), fake)
    assert (towards < 0).all()


def test_non_saturating_is_binary_cross_entropy():
    critic, generator = sides("non_saturating")
    real, fake = torch.randn(64), torch.randn(64)
    one, zero = torch.ones(64), torch.zeros(64)
    expected = bce(real, one, reduction="none") + bce(fake, zero, reduction="none")
    torch.testing.assert_close(critic(real=real, fake=fake), expected)
    torch.testing.assert_close(generator(real=real, fake=fake), bce(fake, one, reduction="none"))


def test_rpgan_is_symmetric_in_its_players():
    critic, generator = sides("rpgan")
    real, fake = torch.randn(64), torch.randn(64)
    torch.testing.assert_close(critic(real=real, fake=fake), generator(real=fake, fake=real))


def test_minimax_saturates_where_the_critic_wins_and_the_other_does_not():
    fake = torch.full((1,), -12.0, requires_grad=True)
    sizes = {}
    for name in ("minimax", "non_saturating"):
        loss = sides(name)[1](real=torch.zeros(1), fake=fake)
        sizes[name] = torch.autograd.grad(loss.sum(), fake)[0].abs().item()
    assert sizes["minimax"] < 1e-5
    assert sizes["non_saturating"] > 0.999


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [0, 1])
def test_extreme_logits_stay_finite(name, side):
    loss = sides(name)[side]
    big = torch.tensor([1e4, -1e4])
    assert loss(real=big, fake=-big).isfinite().all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [0, 1])
def test_a_column_of_logits_raises_instead_of_broadcasting(name, side):
    loss = sides(name)[side]
    with pytest.raises(Exception, match=r"shape|type"):
        loss(real=torch.zeros(4), fake=torch.zeros(4, 1))


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_agrees_within_its_precision(name):
    real, fake = torch.randn(64).bfloat16(), torch.randn(64).bfloat16()
    for loss in sides(name):
        low = loss(real=real, fake=fake).float()
        torch.testing.assert_close(
            low, loss(real=real.float(), fake=fake.float()), rtol=2**-6, atol=2**-6
        )
