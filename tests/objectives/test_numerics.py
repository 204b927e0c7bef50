"""Gradients, large logits, half precision."""

from functools import partial

import pytest
import torch

from gan_lab.objectives import Objective
from gan_lab.objectives.sinkhorn import sinkhorn

SIDES = ["critic_loss", "generator_loss"]


@pytest.mark.parametrize("side", SIDES)
def test_gradient(adversarial, side, draw):
    loss = getattr(adversarial[1], side)
    real, fake = (x.requires_grad_() for x in draw(5))
    assert torch.autograd.gradcheck(lambda r, f: loss(real=r, fake=f), (real, fake))


@pytest.mark.parametrize("size", [30.0, 50.0])
@pytest.mark.parametrize("side", SIDES)
def test_large_logits_keep_value_and_slope_in_float32(adversarial, side, size):
    """All four corners; where the true value is finite, so is ours, and it is right."""
    real = torch.tensor([size, size, -size, -size])
    fake = torch.tensor([size, -size, size, -size])
    results = {}
    for dtype in (torch.float32, torch.float64):
        r, f = (x.to(dtype).requires_grad_() for x in (real, fake))
        value = getattr(adversarial[1], side)(real=r, fake=f)
        slopes = torch.autograd.grad(value.sum(), (r, f), allow_unused=True, materialize_grads=True)
        results[dtype] = [x.detach().double() for x in (value, *slopes)]
    for low, exact in zip(*results.values(), strict=True):
        assert exact.isfinite().all()
        torch.testing.assert_close(low, exact, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_huge_logits_stay_finite_but_for_inherent_exponentials(adversarial, side):
    name, objective = adversarial
    big = torch.tensor([1e4, -1e4])
    finite = getattr(objective, side)(real=big, fake=-big).isfinite().all()
    inherent = {("f_kl", "critic_loss"), ("f_reverse_kl", "critic_loss")} | {
        ("f_hellinger", s) for s in SIDES
    }
    assert finite == ((name, side) not in inherent)


@pytest.mark.parametrize("side", SIDES)
def test_bfloat16_logits_are_judged_in_float32(adversarial, side, draw):
    real, fake = (x.bfloat16() for x in draw())
    loss = getattr(adversarial[1], side)
    value = loss(real=real, fake=fake)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(real=real.float(), fake=fake.float()), rtol=0, atol=0)


@pytest.mark.parametrize("side", ["critic", "generator"])
def test_bare_losses_on_bfloat16_agree_within_its_precision(adversarial, side, draw):
    real, fake = (x.bfloat16() for x in draw())
    loss = getattr(adversarial[1], side)
    low, high = loss(real=real, fake=fake), loss(real=real.float(), fake=fake.float())
    torch.testing.assert_close(low.float(), high, rtol=2**-6, atol=2**-6)


def networks():
    x = torch.randn(64, 8)
    return torch.nn.Linear(8, 1), x, x + 0.3


@pytest.mark.parametrize("side", SIDES)
def test_autocast_agrees_with_float32(adversarial, side):
    critic, x, y = networks()
    results = []
    for enabled in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            real, fake = -critic(x).flatten().abs(), -critic(y).flatten().abs()
            results.append(getattr(adversarial[1], side)(real=real, fake=fake).mean())
    low, high = results[1], results[0]
    assert low.dtype == torch.float32
    torch.testing.assert_close(low, high, rtol=2**-6, atol=2**-6)


@pytest.mark.parametrize("shape", [(2,), (2, 3), (1, 2, 2)])
def test_gradient_of_direct_losses(direct, shape):
    name, objective = direct
    loss = objective.sample_loss
    real, fake = torch.randn(2, 3, *shape, dtype=torch.float64)
    if name == "sinkhorn":  # exact where the potentials have converged
        loss = Objective(samples=partial(sinkhorn, epsilon=1.0, iterations=40)).sample_loss
    # Sinkhorn's share of a sample is not differentiated through the other samples, the mean is.
    assert torch.autograd.gradcheck(
        lambda x: loss(real=real, fake=x).mean(), fake.requires_grad_(), atol=1e-7
    )


def test_direct_losses_under_autocast_and_on_bfloat16(direct):
    loss = direct[1].sample_loss
    real, fake = torch.randn(2, 32, 3, 4)
    exact = loss(real=real, fake=fake)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(loss(real=real, fake=fake), exact)
    low = loss(real=real.bfloat16(), fake=fake.bfloat16())
    assert low.dtype == torch.float32
    torch.testing.assert_close(low.mean(), exact.mean(), rtol=2**-6, atol=2**-8)


def test_direct_losses_have_a_finite_gradient_on_equal_samples(direct):
    loss = direct[1].sample_loss
    real = torch.randn(6, 3)
    fake = real.clone().requires_grad_()
    loss(real=real, fake=fake).mean().backward()
    assert fake.grad.isfinite().all()
