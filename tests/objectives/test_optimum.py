"""Losses at the best critic between two Gaussians, and which way the generator then moves."""

import math
from functools import partial

import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm, wasserstein_distance

from gan_lab.objectives import Objective, hinge, lsgan, minimax, non_saturating, rpgan, wgan
from gan_lab.objectives.sinkhorn import sinkhorn

MEAN = 1.2  # q = N(1.2, 1) against p = N(0, 1)


def log_ratio(x, mean=MEAN):
    return mean * mean / 2 - mean * x


def expect(loss, logit, line):
    """Mean loss under p (real) and q (fake) by quadrature, of a loss that is a sum of two sides."""
    x, weight = line
    p, q = (torch.from_numpy(norm.pdf(x.numpy(), m)) * weight for m in (0, MEAN))
    zero = torch.zeros_like(x)
    at_zero = loss(real=zero, fake=zero)
    on_real, on_fake = loss(real=logit, fake=zero), loss(real=zero, fake=logit)
    return float((p * on_real + q * on_fake - (p + q) / 2 * at_zero).sum())


def jensen_shannon():
    def part(x):
        p, q = norm.pdf(x), norm.pdf(x, MEAN)
        return (p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q))) / 2

    return quad(part, -14, 15, epsabs=1e-12)[0]


@pytest.mark.parametrize("critic", [minimax.critic, non_saturating.critic])
def test_minimax_is_two_js_less_log_four(critic, line):
    """Goodfellow et al., 2014, theorem 1."""
    value = -expect(critic, log_ratio(line[0]), line)
    assert value == pytest.approx(2 * jensen_shannon() - math.log(4), abs=1e-9)


def test_least_squares_with_pearson_targets(line):
    """Mao et al., 2017, eq. 7: both sides of C at D* are half of chi^2(p + q || 2 q)."""
    x, weight = line
    p, q = (torch.from_numpy(norm.pdf(x.numpy(), m)) for m in (0, MEAN))
    best = ((p - q) / (p + q)).requires_grad_()  # a = -1, b = 1
    loss = lsgan.critic(real=best, fake=torch.zeros_like(x), a=-1.0, b=1.0) * p
    loss = loss + lsgan.critic(real=torch.zeros_like(x), fake=best, a=-1.0, b=1.0) * q
    slope = torch.autograd.grad(loss.sum(), best)[0]
    torch.testing.assert_close(slope, torch.zeros_like(x), atol=1e-12, rtol=0)
    value = lsgan.generator(real=best, fake=best, c=0.0).detach()
    total = float(((p + q) * value * weight).sum())

    def chi_squared(x):
        p, q = norm.pdf(x), norm.pdf(x, MEAN)
        return (p + q - 2 * q) ** 2 / (p + q)

    assert 2 * total == pytest.approx(quad(chi_squared, -14, 15, epsabs=1e-12)[0], abs=1e-9)


def test_hinge_is_two_less_the_overlap_that_is_missing(line):
    """At D* = sign(p - q) the loss is 2 - 2 TV (Lim & Ye, 2017)."""
    total_variation = norm.cdf(MEAN / 2) - norm.cdf(-MEAN / 2)
    value = expect(hinge.critic, log_ratio(line[0]).sign(), line)
    assert value == pytest.approx(2 - 2 * total_variation, abs=1e-6)  # a jump on the grid


def test_wgan_is_the_earth_movers_distance_at_the_best_lipschitz_critic():
    """In one dimension, with fakes all on one side of their partners, D* = -x."""
    real = torch.randn(32, dtype=torch.float64).sort().values
    fake = real + torch.rand(32, dtype=torch.float64)
    value = -wgan.critic(real=-real, fake=-fake).mean()
    assert float(value) == pytest.approx(wasserstein_distance(real.numpy(), fake.numpy()))


def test_rpgan_is_stationary_at_the_log_density_ratio(line):
    """E log sigma(D(x) - D(y)) over all pairs peaks where D = log p/q + constant."""
    x, weight = (v[::80] for v in line)
    p, q = (torch.from_numpy(norm.pdf(x.numpy(), m)) * weight * 80 for m in (0, MEAN))
    logit = (log_ratio(x) + 3).requires_grad_()
    n = len(x)
    real, fake = logit.repeat_interleave(n), logit.repeat(n)
    loss = (rpgan.critic(real=real, fake=fake) * (p[:, None] * q).flatten()).sum()
    slope = torch.autograd.grad(loss, logit)[0]
    torch.testing.assert_close(slope, torch.zeros_like(x), atol=1e-12, rtol=0)


def train(objective, real, fake, energy):
    """A critic of one dimension: linear with a ridge, or the energy of a well for autoencoders."""
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([w], lr=0.05)

    def critic(x):
        return -(x - w[0]).square() if energy else w[0] * x + w[1]

    for _ in range(80):
        real_logit, fake_logit = critic(real), critic(fake)
        loss = objective.critic_loss(real=real_logit, fake=fake_logit).mean()
        adam.zero_grad()
        (loss + (0 if energy else 0.1 * w[0].square())).backward()
        adam.step()
    return critic


@pytest.mark.parametrize("shift", [-2.0, -0.5, 0.3, 3.0])
def test_generator_moves_fakes_towards_the_data(adversarial, shift):
    name, objective = adversarial
    grid = (torch.arange(32, dtype=torch.float64) + 0.5) / 32
    real = math.sqrt(2) * torch.erfinv(2 * grid - 1)
    fake = (real.flip(0) + shift).requires_grad_()
    energy = name in ("ebgan", "began")
    critic = train(objective, real, fake.detach(), energy)
    loss = objective.generator_loss(real=critic(real), fake=critic(fake)).mean()
    step = -torch.autograd.grad(loss, fake)[0] * math.copysign(1, -shift)
    assert step.mean() > 1e-4 / 32
    if not energy:  # the well pulls from both sides
        assert (step >= 0).all()


@pytest.mark.parametrize("shift", [-2.0, -0.5, 0.3, 3.0])
def test_direct_losses_move_fakes_towards_the_data(direct, shift):
    real = torch.randn(32, 1, dtype=torch.float64)
    fake = (real.flip(0) + shift).requires_grad_()
    direct[1].sample_loss(real=real, fake=fake).mean().backward()
    assert -fake.grad.sum() * math.copysign(1, -shift) > 1e-3


def test_direct_losses_teach_a_generator_the_population(direct):
    """x = m + s z learns N(0, .5^2) from fresh batches."""
    name, objective = direct
    if name == "sinkhorn":  # 10 updates are enough in one dimension, and a fifth of the time
        objective = Objective(samples=partial(sinkhorn, iterations=10))
    rng = torch.Generator().manual_seed(1)
    parameters = torch.tensor([1.5, 0.1], requires_grad=True)
    adam = torch.optim.Adam([parameters], lr=0.03)
    path = []
    for _ in range(180):
        real, z = torch.randn(2, 64, 1, generator=rng)
        loss = objective.sample_loss(real=0.5 * real, fake=parameters[0] + parameters[1] * z)
        adam.zero_grad()
        loss.mean().backward()
        adam.step()
        path.append(parameters.detach().clone())
    mean, scale = torch.stack(path[-80:]).mean(0).tolist()
    assert abs(mean) < 0.05
    assert abs(scale - 0.5) < 0.05


def test_minimax_saturates_where_the_critic_wins_and_the_other_does_not():
    fake = torch.full((1,), -12.0, requires_grad=True)
    sizes = {}
    for module in (minimax, non_saturating):
        loss = Objective(module.critic, module.generator).generator_loss
        (slope,) = torch.autograd.grad(loss(real=torch.zeros(1), fake=fake).sum(), fake)
        sizes[module] = abs(float(slope))
    assert sizes[minimax] < 1e-5
    assert sizes[non_saturating] > 0.999
