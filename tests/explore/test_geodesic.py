import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.geodesic import energy, geodesic, length
from gan_lab.latent import Categorical, Normal, Product, Sphere, Uniform

W = torch.randn(6, 10, generator=torch.Generator().manual_seed(4))


def draw(prior, n, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


def linear(z):
    return (z @ W[: z.shape[1]])[:, None]


def paraboloid(z):
    return torch.cat([z, z.square().sum(1, keepdim=True)], 1)


def cylinder(z):
    """(u, v) to (cos 2u, sin 2u, v): unrolled, it is flat."""
    return torch.stack([(2 * z[:, 0]).cos(), (2 * z[:, 0]).sin(), z[:, 1]], 1)


def test_a_linear_map_has_straight_geodesics():
    prior = Normal(6)
    a, b = draw(prior, 3), draw(prior, 3, seed=2)
    found = geodesic(linear, prior, a, b, steps=9, iterations=300)
    t = torch.linspace(0, 1, 9)[None, :, None]
    torch.testing.assert_close(found.z, (1 - t) * a[:, None] + t * b[:, None], atol=2e-3, rtol=0)
    # N = 8 equal steps: E = |f(b) - f(a)|^2 / N.
    torch.testing.assert_close(found.energy, found.straight.square() / 8, rtol=1e-5, atol=0)
    torch.testing.assert_close(found.length, found.straight, rtol=1e-5, atol=0)
    assert torch.equal(found.z[:, 0], a)
    assert torch.equal(found.z[:, -1], b)
    assert (found.energy < found.energy_before).all()


def test_geodesics_of_a_cylinder_are_helices():
    prior = Normal(2)
    a, b = torch.tensor([[-0.6, -1.0]]), torch.tensor([[0.7, 1.2]])
    found = geodesic(cylinder, prior, a, b, steps=17, iterations=400)
    t = torch.linspace(0, 1, 17)[:, None]
    torch.testing.assert_close(found.z[0], (1 - t) * a + t * b, atol=2e-3, rtol=0)
    exact = math.hypot(2 * 1.3, 2.2)
    assert found.length.item() == pytest.approx(exact, rel=2e-3)
    assert found.length_before.item() > 1.01 * exact


def test_geodesics_of_a_sphere_are_great_circles():
    """Outputs z / |z| lie on the unit sphere; whatever the radius, the way is the shorter arc."""
    prior = Normal(3)
    a, b = draw(prior, 2), draw(prior, 2, seed=7)
    found = geodesic(lambda z: z / z.norm(dim=1, keepdim=True), prior, a, b, steps=25)
    u, v = (x / x.norm(dim=1, keepdim=True) for x in (a, b))
    angle = (u * v).sum(1).acos()
    torch.testing.assert_close(found.length, 24 * 2 * (angle / 48).sin(), rtol=1e-4, atol=0)
    # The prior's own path is that arc already: nothing is gained.
    torch.testing.assert_close(found.energy, found.energy_before, rtol=1e-4, atol=0)


def test_a_geodesic_of_a_paraboloid_obeys_the_geodesic_equation():
    r"""For y = (z, |z|^2): z'' = -4 z |z'|^2 / (1 + 4 |z|^2) at every inner position."""
    prior, n = Uniform(2), 24
    a, b = torch.tensor([[-0.9, 0.2]]), torch.tensor([[0.8, 0.5]])
    wide = geodesic(paraboloid, prior, a.double(), b.double(), steps=n + 1, iterations=200)
    z = wide.z[0]
    speed = (z[2:] - z[:-2]) * n / 2
    bend = (z[2:] - 2 * z[1:-1] + z[:-2]) * n**2
    inner = z[1:-1]
    height = 1 + 4 * inner.square().sum(1, keepdim=True)
    expected = -4 * inner * speed.square().sum(1, keepdim=True) / height
    torch.testing.assert_close(bend, expected, atol=3e-2, rtol=0)
    assert expected.norm(dim=1).max() > 2
    assert (wide.length < wide.length_before).all()


def test_positions_stay_on_the_support():
    prior = Sphere(6)
    a, b = draw(prior, 2), draw(prior, 2, seed=3)
    found = geodesic(lambda z: (z @ W).sin()[:, None], prior, a, b, steps=9, iterations=50)
    assert (found.energy <= found.energy_before).all()
    assert (found.z.norm(dim=2) / prior.radius - 1).abs().max() < 1e-6


def test_discrete_parts_stay_as_they_are():
    prior = Product([Normal(3), Categorical(3)])
    a, b = draw(prior, 1), draw(prior, 1, seed=2)
    a[:, 3:], b[:, 3:] = torch.eye(3)[0], torch.eye(3)[1]
    found = geodesic(linear, prior, a, b, steps=6, iterations=50)
    assert found.z[0, :, 3:].argmax(1).tolist() == [0, 0, 0, 1, 1, 1]
    assert not prior.log_prob(found.z[0]).isinf().any()
    assert found.energy < found.energy_before
    with pytest.raises(UserError, match="discrete"):
        geodesic(linear, Categorical(3), a[:, 3:], b[:, 3:])


def test_the_penalty_keeps_to_typical_latents():
    prior = Normal(64)
    weight = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    a, b = draw(prior, 3), draw(prior, 3, seed=2)

    def run(penalty):
        return geodesic(lambda z: z @ weight, prior, a, b, steps=9, penalty=penalty)

    gauge = Gauge(prior)
    assert gauge(run(0.0).z[:, 4]).max() < 1
    assert (gauge(run(1.0).z[:, 4]) - 50).abs().max() < 45
    assert (run(1.0).energy > run(0.0).energy).all()


def test_features_are_where_energy_is_measured():
    prior = Normal(6)
    a, b = draw(prior, 1), draw(prior, 1, seed=2)
    found = geodesic(linear, prior, a, b, steps=5, features=lambda x: 10 * x.flatten(1)[:, :2])
    ends = 10 * (torch.cat([a, b]) @ W)[:, :2]
    torch.testing.assert_close(found.straight, (ends[1:] - ends[:1]).norm(dim=1))


def test_energy_and_length_of_a_staircase():
    points = torch.tensor([[[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]]])
    assert energy(points).item() == 26
    assert length(points).item() == 6


def test_same_input_same_path_and_progress_is_told():
    prior, told = Normal(6), []
    a, b = draw(prior, 2), draw(prior, 2, seed=2)
    runs = [geodesic(linear, prior, a, b, iterations=5, progress=told.append).z for _ in "ab"]
    assert torch.equal(*runs)
    assert told[:3] == [1, 2, 3]
    still = geodesic(linear, prior, a, b, steps=5, iterations=0)
    assert torch.equal(still.energy, still.energy_before)


@pytest.mark.parametrize("bad", [{"steps": 2}, {"iterations": -1}, {"penalty": -0.1}])
def test_bad_numbers_are_refused(bad):
    prior = Normal(6)
    with pytest.raises(UserError, match="expected"):
        geodesic(linear, prior, draw(prior, 1), draw(prior, 1), **bad)
