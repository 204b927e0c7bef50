"""Every loss against numpy in float64, written from the papers' probabilities and energies."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, log_expit

from gan_lab.objectives import (
    ebgan,
    hinge,
    lsgan,
    ra_hinge,
    ra_lsgan,
    relativistic_average,
    rpgan,
    wgan,
)
from gan_lab.objectives.divergence import jensen_shannon
from gan_lab.objectives.f_gan import f_gan


def cross_entropy(real, fake):
    return -np.log(expit(real)) - np.log(1 - expit(fake))


def clip(x):
    return np.where(x > 0, x, 0)


def squares(real, fake):
    return (1 - (real - np.mean(fake))) ** 2 + (-1 - (fake - np.mean(real))) ** 2


def margins(real, fake):
    return clip(1 - (real - np.mean(fake))) + clip(1 + (fake - np.mean(real)))


def average(real, fake):
    return -log_expit(real - np.mean(fake)) - np.log1p(-expit(fake - np.mean(real)))


# Energies of autoencoders are -D; BEGAN's k is 3/8 here.
REFERENCE = {
    "non_saturating": (cross_entropy, lambda r, f: -np.log(expit(f))),
    "minimax": (cross_entropy, lambda r, f: np.log(1 - expit(f))),
    "rpgan": (
        lambda r, f: -np.log(np.exp(r) / (np.exp(r) + np.exp(f))),
        lambda r, f: -np.log(np.exp(f) / (np.exp(r) + np.exp(f))),
    ),
    "relativistic_average": (average, lambda r, f: average(f, r)),
    "ra_lsgan": (squares, lambda r, f: squares(f, r)),
    "ra_hinge": (margins, lambda r, f: margins(f, r)),
    "lsgan": (lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda r, f: (f - 1) ** 2 / 2),
    "hinge": (
        lambda r, f: -np.minimum(0, r - 1) - np.minimum(0, -f - 1),
        lambda r, f: -f,
    ),
    "wgan": (lambda r, f: f - r, lambda r, f: -f),
    "ebgan": (lambda r, f: np.abs(r) + clip(1 - np.abs(f)), lambda r, f: np.abs(f)),
    "began": (lambda r, f: np.abs(r) - 0.375 * np.abs(f), lambda r, f: np.abs(f)),
}


def test_every_adversarial_objective_has_a_reference(adversarial):
    name, _ = adversarial
    assert name in REFERENCE or name.startswith("f_")  # test_f_gan.py


@pytest.mark.parametrize("name", REFERENCE)
def test_value(name, load, draw):
    objective = load(name)
    real, fake = draw()
    if name in ("ebgan", "began"):
        real, fake = -real.abs(), -fake.abs()
    if name == "began":
        objective.control.k.fill_(0.375)
    critic, generator = REFERENCE[name]
    r, f = real.numpy(), fake.numpy()
    close = {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(
        objective.critic_loss(real=real, fake=fake), torch.from_numpy(critic(r, f)), **close
    )
    torch.testing.assert_close(
        objective.generator_loss(real=real, fake=fake), torch.from_numpy(generator(r, f)), **close
    )


def test_fixed_values_by_hand():
    real, fake = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 3.0])  # both have mean 1
    for loss, expected in [
        (hinge.critic, [0.0, 5.0]),
        (wgan.critic, [-3.0, 3.0]),
        (lsgan.critic, [1.0, 5.0]),
        (ra_lsgan.critic, [0.0 + 1.0, 4.0 + 9.0]),
        (ra_hinge.critic, [0.0 + 0.0, 2.0 + 3.0]),
        (ra_hinge.generator, [3.0 + 2.0, 0.0 + 0.0]),
        (ebgan.critic, [-2.0, 4.0]),
    ]:
        assert loss(real=real, fake=fake).tolist() == expected


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 2), st.floats(0, 1))
def test_ebgan_is_worth_its_margin_where_real_and_fake_cost_the_same(margin, share):
    """Zhao et al., theorem 1: V = m at p = q, for any constant energy in [0, m]."""
    logit = torch.full((3,), -share * margin, dtype=torch.float64)
    loss = ebgan.critic(real=logit, fake=logit, margin=margin)
    torch.testing.assert_close(loss, torch.full_like(loss, margin))


@pytest.mark.parametrize("side", ["critic", "generator"])
@pytest.mark.parametrize("module", [rpgan, relativistic_average, ra_lsgan, ra_hinge])
@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-5, 5), seed=st.integers(0, 2**31))
def test_relativistic_losses_see_differences_alone_and_are_symmetric(module, side, shift, seed):
    real, fake = torch.randn(
        2, 16, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )
    loss = getattr(module, side)
    other = module.generator if side == "critic" else module.critic
    value = loss(real=real, fake=fake)
    torch.testing.assert_close(loss(real=real + shift, fake=fake + shift), value)
    torch.testing.assert_close(other(real=fake, fake=real), value)


def test_relativistic_average_compares_with_means():
    real, fake = torch.randn(2, 32, dtype=torch.float64)
    alone = torch.stack(
        [rpgan.critic(real=r.expand(32), fake=fake.mean().expand(32))[0] for r in real]
    ) + torch.stack([rpgan.critic(real=real.mean().expand(32), fake=f.expand(32))[0] for f in fake])
    torch.testing.assert_close(relativistic_average.critic(real=real, fake=fake), alone)
    one = relativistic_average.critic(real=real[:1], fake=fake[:1])
    torch.testing.assert_close(one, 2 * rpgan.critic(real=real[:1], fake=fake[:1]))


def test_relativistic_average_squares_split_into_gap_and_spread():
    r"""Mean loss is 2 (gap - 1)^2 + var(real) + var(fake), with population variances."""
    real, fake = torch.randn(2, 32, dtype=torch.float64)
    gap = real.mean() - fake.mean()
    expected = 2 * (gap - 1) ** 2 + real.var(correction=0) + fake.var(correction=0)
    torch.testing.assert_close(ra_lsgan.critic(real=real, fake=fake).mean(), expected)


def test_js_is_the_original_critic_less_two_log_two(load, draw):
    real, fake = draw()
    original = load("non_saturating")
    js = f_gan(jensen_shannon())
    torch.testing.assert_close(
        js.critic_loss(real=real, fake=fake),
        original.critic_loss(real=real, fake=fake) - 2 * np.log(2),
    )
    torch.testing.assert_close(
        js.generator_loss(real=real, fake=fake),
        original.generator_loss(real=real, fake=fake) - np.log(2),
    )
