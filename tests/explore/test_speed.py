import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.output import embed_paths, step_lengths
from gan_lab.explore.path_length import (
    Speeds,
    neighbours,
    perceptual_path_length,
    squared_speeds,
    summary,
)
from gan_lab.explore.route import Route, even
from gan_lab.explore.speed import constant_speed, unevenness
from gan_lab.latent import Categorical, GaussianMixture, Normal, Product, Sphere, Uniform
from gan_lab.latent.path import great_circle, lerp

NORMAL = Normal(48)
W = torch.randn(48, 20, generator=torch.Generator().manual_seed(4)) / 7


def linear(z):
    return (z @ W).view(len(z), 1, 4, 5)


def curved(z):
    return (2 * (z @ W)).sin().view(len(z), 1, 4, 5)


def route(prior, rows=3, stops=3):
    z = prior.sample(rows * stops, torch.Generator().manual_seed(8))
    return Route(prior, z.view(rows, stops, -1))


def test_path_length_of_a_linear_map_on_straight_lines():
    """J = W^T and gamma' = b - a, whose covariance is 2 I: E|J gamma'|^2 = 2 |W|_F^2."""
    found = perceptual_path_length(linear, NORMAL, n=2000, interpolate=lerp)
    exact = 2 * W.square().sum().item()
    assert found.untrimmed == pytest.approx(exact, rel=0.04)
    assert found.per_latent == pytest.approx(W.square().sum().item() / 48, rel=0.02)


def test_a_linear_map_is_walked_faster_on_great_circles_by_their_length():
    """At a right angle a quarter circle of radius r has speed pi r / 2, its chord sqrt(2) r."""
    straight = perceptual_path_length(linear, Normal(48), n=1500, interpolate=lerp)
    round_ = perceptual_path_length(linear, Sphere(48), n=1500)
    assert round_.value / straight.value == pytest.approx(math.pi**2 / 8, rel=0.05)
    assert round_.per_latent / straight.per_latent == pytest.approx(1, rel=0.04)


@pytest.mark.parametrize("sampling", ["full", "end"])
@pytest.mark.parametrize("decode", [linear, curved])
def test_differences_agree_with_the_exact_jacobian(decode, sampling):
    n, seed = 60, 3
    z, _ = neighbours(NORMAL, n=n, sampling=sampling, seed=seed)
    found = squared_speeds(decode, z, 1e-4).output
    rng = torch.Generator().manual_seed(seed)
    a, b = (x.double() for x in NORMAL.sample(2 * n, rng).chunk(2))
    t = torch.rand(n, generator=rng, dtype=torch.float64) * (1 - 1e-4)
    t = t if sampling == "full" else torch.zeros_like(t)
    exact = []
    for k in range(n):
        # dot(gamma) by central differences of the closed form, the Jacobian by autograd.
        h = 1e-5
        ahead, behind = great_circle(a[k : k + 1], b[k : k + 1], t[k] + torch.tensor([h, -h]))[0]
        here = great_circle(a[k : k + 1], b[k : k + 1], t[k : k + 1])[0]
        wide = lambda x: x @ W.double() if decode is linear else (2 * (x @ W.double())).sin()  # noqa: E731
        _, tangent = torch.autograd.functional.jvp(wide, here, (ahead - behind)[None] / (2 * h))
        exact.append(tangent.square().sum())
    torch.testing.assert_close(found, torch.stack(exact), rtol=5e-3, atol=0)


def test_epsilon_does_not_matter():
    values = [perceptual_path_length(curved, NORMAL, n=500, epsilon=e).value for e in (1e-3, 1e-4)]
    assert values[0] == pytest.approx(values[1], rel=0.005)


def test_path_length_sees_features_and_scale():
    plain = perceptual_path_length(linear, NORMAL, n=200)
    third = perceptual_path_length(linear, NORMAL, n=200, features=lambda x: 3 * x)
    assert third.value == pytest.approx(9 * plain.value, rel=1e-3)
    nothing = perceptual_path_length(linear, NORMAL, n=200, features=lambda x: 0 * x)
    assert nothing.value == 0


def test_extremes_are_dropped():
    output = torch.cat([torch.ones(198), torch.tensor([1e9, 0.0])]).double()
    found = summary([Speeds(output, torch.full((200,), 2.0).double())])
    assert (found.value, found.per_latent) == (1.0, 0.5)
    assert found.untrimmed > 1e6


def test_same_seed_same_length_and_classes_pool():
    one = perceptual_path_length(curved, NORMAL, n=100, seed=5)
    assert one == perceptual_path_length(curved, NORMAL, n=100, seed=5)
    assert one != perceptual_path_length(curved, NORMAL, n=100, seed=6)
    z, _ = neighbours(NORMAL, n=100, seed=5)
    speeds = squared_speeds(curved, z, 1e-4)
    assert summary([speeds, speeds]).pairs == 200
    assert summary([speeds, speeds]).value == pytest.approx(one.value, rel=0.02)


def test_jumping_pairs_are_left_out():
    prior = Product([Normal(47), Categorical(1)])
    assert perceptual_path_length(linear, prior, n=50).jumps == 0
    with pytest.raises(UserError, match="hardly a step moves"):
        perceptual_path_length(lambda z: z[:, None], Categorical(3), n=50)
    # Every path between two components jumps at t = 1/2; a wide step sees it.
    _, jumps = neighbours(GaussianMixture(4, components=2), n=400, epsilon=0.5)
    assert 120 < jumps < 280


@pytest.mark.parametrize("bad", [{"n": 1}, {"epsilon": 0.0}, {"epsilon": 2.0}])
def test_bad_arguments_are_refused(bad):
    with pytest.raises(UserError, match="expected"):
        perceptual_path_length(linear, NORMAL, **bad)


def test_constant_speed_on_a_linear_map_and_a_straight_line_is_even():
    prior = Uniform(48)
    t = constant_speed(linear, route(prior, stops=2), 9)
    torch.testing.assert_close(t, even(3, 9), atol=1e-6, rtol=0)


def test_constant_speed_of_a_known_curve():
    """With output z^3 on the line from 0 to 1 equal steps lie at the cube roots of k / (s - 1)."""
    line = Route(Uniform(1), torch.tensor([[[0.0], [1.0]]]))
    t = constant_speed(lambda z: z[:, None] ** 3, line, 6, rounds=30)
    expected = torch.linspace(0, 1, 6, dtype=torch.float64) ** (1 / 3)
    torch.testing.assert_close(t[0], expected, atol=5e-4, rtol=0)


@pytest.mark.parametrize("features", [None, lambda x: x.flatten(1)[:, :8].exp()])
def test_constant_speed_makes_the_steps_of_the_output_equal(features):
    walk = route(NORMAL, stops=2)
    t = constant_speed(curved, walk, 33, features=features)
    assert (t.diff(dim=1) > 0).all()
    after = unevenness(step_lengths(embed_paths(curved, walk(t), features)))
    before = unevenness(step_lengths(embed_paths(curved, walk(even(3, 33)), features)))
    assert (before > 0.05).all()
    assert (after < 0.002).all()


def test_jumps_do_not_disturb_the_speed():
    prior = GaussianMixture(48, components=2)
    z = prior.sample(40, torch.Generator().manual_seed(0))
    kind = prior.component(z)
    walk = Route(prior, torch.stack([z[kind == 0][:2], z[kind == 1][:2]], 1))
    z = walk(constant_speed(curved, walk, 21))
    lengths = step_lengths(embed_paths(curved, z))
    jump = prior.jumps(z)
    assert jump.sum(1).tolist() == [1, 1]
    smooth = lengths[~jump].view(2, 19)
    assert (unevenness(smooth[:, :-1]) < 0.3).all()
    assert lengths[jump].min() > 5 * smooth.mean()


def test_an_output_that_stands_still_keeps_even_positions():
    t = constant_speed(lambda z: 0 * z, route(NORMAL, stops=2), 5)
    torch.testing.assert_close(t, even(3, 5))
