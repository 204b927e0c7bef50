"""f-GAN against the definition of an f-divergence, its conjugate and its bound."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from gan_lab.objectives import divergence as family
from gan_lab.objectives.f_gan import f_gan

MEAN, SCALE = 0.8, 1.3  # q = N(.8, 1.3^2) against p = N(0, 1)

# Generators f from the definitions of the divergences, in numpy.
F = {
    "kl": lambda u: u * np.log(u),
    "reverse_kl": lambda u: -np.log(u),
    "jensen_shannon": lambda u: u * np.log(2 * u / (1 + u)) + np.log(2 / (1 + u)),
    "pearson": lambda u: u * u - 2 * u + 1,
    "squared_hellinger": lambda u: 1 + u - 2 * np.sqrt(u),
    "total_variation": lambda u: np.maximum(u - 1, 1 - u) / 2,
}
# Best logit at density ratio u: g^-1(f'(u)).
BEST = {
    "kl": lambda u: 1 + u.log(),
    "reverse_kl": torch.log,
    "jensen_shannon": torch.log,
    "pearson": lambda u: 2 * (u - 1),
    "squared_hellinger": lambda u: u.log() / 2,
    "total_variation": lambda u: 40 * (u - 1).sign(),
}
NAMES = sorted(F)
SMOOTH = [name for name in NAMES if name != "total_variation"]


def log_densities(x, mean=MEAN):
    q = torch.distributions.Normal(torch.as_tensor(mean, dtype=x.dtype), SCALE)
    return torch.distributions.Normal(torch.zeros((), dtype=x.dtype), 1.0).log_prob(x), q.log_prob(
        x
    )


def ratio(x):
    p, q = log_densities(x)
    return (p - q).exp()


def bound(name, line, logit):
    """-L_D under p and q by quadrature, through the public loss alone."""
    x, weight = line
    p, q = (log.exp() * weight for log in log_densities(x))
    loss, zero = f_gan(getattr(family, name)()).critic_loss, torch.zeros_like(x)
    at_zero = loss(real=zero, fake=zero)
    on_real, on_fake = loss(real=logit, fake=zero), loss(real=zero, fake=logit)
    return -float((p * on_real + q * on_fake - (p + q) / 2 * at_zero).sum())


def divergence(name):
    """E_q f(p/q) by adaptive quadrature, split where the densities cross."""
    q = norm(MEAN, SCALE)
    crossings = np.roots([1 / SCALE**2 - 1, -2 * MEAN / SCALE**2, (MEAN / SCALE) ** 2
                          + 2 * math.log(SCALE)])  # fmt: skip
    edges = [-15.0, *sorted(crossings.real), 15.0]
    return sum(
        quad(lambda x: q.pdf(x) * F[name](norm.pdf(x) / q.pdf(x)), a, b, epsabs=1e-12)[0]
        for a, b in pairwise(edges)
    )


@pytest.mark.parametrize("name", NAMES)
def test_f_is_the_divergences_generator(name):
    u = torch.logspace(-3, 3, 61, dtype=torch.float64)
    f = getattr(family, name)().f
    torch.testing.assert_close(f(u), torch.from_numpy(F[name](u.numpy())), atol=1e-12, rtol=1e-9)
    assert float(f(torch.ones(()))) == 0
    second = f(u[2:]) / (u[2:] - u[1:-1]) - f(u[1:-1]) * (
        1 / (u[2:] - u[1:-1]) + 1 / (u[1:-1] - u[:-2])
    ) + f(u[:-2]) / (u[1:-1] - u[:-2])  # fmt: skip
    assert (second > -1e-9).all()  # convex


@pytest.mark.parametrize("logit", [-1.9, -0.7, 0.0, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("name", NAMES)
def test_fake_cost_is_the_convex_conjugate_of_the_real_score(name, logit):
    made = getattr(family, name)()
    v = torch.tensor(logit, dtype=torch.float64)
    t = float(made.activation(v))
    best = minimize_scalar(
        lambda s: F[name](np.exp(s)) - t * np.exp(s), bounds=(-20, 20), options={"xatol": 1e-11}
    )
    assert float(made.conjugate(v)) == pytest.approx(-best.fun, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_a_higher_logit_says_real(name):
    v = torch.linspace(-8, 8, 161, dtype=torch.float64)
    assert (getattr(family, name)().activation(v).diff() > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_best_logit_solves_g_equal_to_the_slope_of_f(name):
    u = torch.tensor([0.03, 0.4, 0.9, 1.5, 20.0], dtype=torch.float64, requires_grad=True)
    made = getattr(family, name)()
    (slope,) = torch.autograd.grad(made.f(u).sum(), u)
    torch.testing.assert_close(made.activation(BEST[name](u.detach())), slope)


@pytest.mark.parametrize("name", NAMES)
def test_bound_of_the_best_critic_is_the_divergence(name, line):
    value = bound(name, line, BEST[name](ratio(line[0])))
    tolerance = 1e-6 if name == "total_variation" else 1e-9  # the trapezoid rule meets two jumps
    assert value == pytest.approx(divergence(name), abs=tolerance)


@pytest.mark.parametrize(
    ("name", "closed_form"),
    [
        ("kl", math.log(SCALE) + (1 + MEAN**2) / (2 * SCALE**2) - 0.5),
        ("reverse_kl", (SCALE**2 + MEAN**2 - 1) / 2 - math.log(SCALE)),
        (
            "pearson",
            SCALE**2 / math.sqrt(2 * SCALE**2 - 1) * math.exp(MEAN**2 / (2 * SCALE**2 - 1)) - 1,
        ),
        (
            "squared_hellinger",
            2 - 2 * math.sqrt(2 * SCALE / (1 + SCALE**2))
            * math.exp(-(MEAN**2) / (4 * (1 + SCALE**2))),
        ),
    ],
)  # fmt: skip
def test_bound_meets_the_closed_form_between_gaussians(name, closed_form, line):
    assert bound(name, line, BEST[name](ratio(line[0]))) == pytest.approx(closed_form, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10, deadline=None)
@given(
    size=st.floats(0.05, 2), frequency=st.floats(0.2, 3), phase=st.floats(0, 6),
    tilt=st.floats(-0.5, 0.5),
)  # fmt: skip
def test_any_other_critic_gives_less(name, line, size, frequency, phase, tilt):
    x, _ = line
    best = BEST[name](ratio(x))
    if name == "total_variation":  # the best critic is infinitely sure
        best = size * best.sign()
    # inside |x| < 6: further out, e^v of a tilted critic leaves float64
    other = best + (size * (frequency * x + phase).sin() + tilt * x) * (x.abs() < 6)
    assert bound(name, line, other) < divergence(name) - 1e-5


def generator_slope(name, line, minimax):
    """d/dm of the generator's loss at x = m + s z under the best critic of the present m."""
    z, weight = line
    mean = torch.tensor(MEAN, dtype=torch.float64, requires_grad=True)
    logit = BEST[name](ratio(mean + SCALE * z))
    loss = f_gan(getattr(family, name)(), minimax=minimax).generator_loss
    density = norm.pdf(z.numpy()) * weight.numpy()
    value = (torch.from_numpy(density) * loss(real=torch.zeros_like(z), fake=logit)).sum()
    return float(torch.autograd.grad(value, mean)[0])


def divergence_slope(name, line):
    """d/dm of E_q f(p/q), by quadrature and autograd."""
    x, weight = line
    mean = torch.tensor(MEAN, dtype=torch.float64, requires_grad=True)
    p, q = log_densities(x, mean)
    value = (q.exp() * getattr(family, name)().f((p - q).exp()) * weight).sum()
    return float(torch.autograd.grad(value, mean)[0])


@pytest.mark.parametrize("name", SMOOTH)
def test_minimax_form_descends_its_own_divergence(name, line):
    line = line[0][abs(line[0]) < 10], line[1][abs(line[0]) < 10]
    expected = divergence_slope(name, line)
    assert expected > 0.1
    assert generator_slope(name, line, minimax=True) == pytest.approx(expected, abs=1e-8)


def test_non_saturating_form_descends_another_one(line):
    """KL turns into reverse KL, JS into reverse KL - 2 JS (Arjovsky & Bottou, 2017, thm. 2.5)."""
    line = line[0][abs(line[0]) < 10], line[1][abs(line[0]) < 10]
    reverse = divergence_slope("reverse_kl", line)
    assert reverse == pytest.approx(MEAN)
    assert generator_slope("kl", line, minimax=False) == pytest.approx(reverse)
    mixed = reverse - divergence_slope("jensen_shannon", line)
    assert generator_slope("jensen_shannon", line, minimax=False) == pytest.approx(mixed)


SLOPES = {  # of the generator's loss at logits of -12: (minimax, non-saturating)
    "kl": (-math.exp(-13), -1.0),
    "reverse_kl": (-1.0, -math.exp(12)),
    "jensen_shannon": (-1 / (1 + math.exp(12)), -1 / (1 + math.exp(-12))),
    "pearson": (5.0, -1.0),
    "squared_hellinger": (-math.exp(-12), -math.exp(12)),
    "total_variation": (-0.5 / math.cosh(12) ** 2, -0.5 / math.cosh(12) ** 2),
}


@pytest.mark.parametrize("name", NAMES)
def test_slope_at_a_fake_that_the_critic_has_found_out(name):
    for minimax, expected in zip((True, False), SLOPES[name], strict=True):
        fake = torch.tensor([-12.0], dtype=torch.float64, requires_grad=True)
        loss = f_gan(getattr(family, name)(), minimax=minimax).generator_loss
        (slope,) = torch.autograd.grad(loss(real=fake.detach(), fake=fake).sum(), fake)
        assert float(slope) == pytest.approx(expected, rel=1e-9)
