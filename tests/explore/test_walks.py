import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.route import Route, even
from gan_lab.explore.sweeps import classes, codes, coordinate, spread, truncation
from gan_lab.explore.walks import along, between, lattice, loop, plane, volume
from gan_lab.latent import (
    Bernoulli,
    Categorical,
    GaussianMixture,
    Normal,
    Product,
    Sphere,
    TruncatedNormal,
    Uniform,
)
from gan_lab.latent.blend import blended

INFO = Product([Normal(6), Categorical(4), Uniform(2)])
PRIORS = [
    Normal(8), Sphere(8), Uniform(8), TruncatedNormal(8), GaussianMixture(8), Bernoulli(8),
    Categorical(8), INFO,
]  # fmt: skip
every_prior = pytest.mark.parametrize("prior", PRIORS, ids=lambda p: type(p).__name__)


def draw(prior, n, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


@every_prior
def test_between_is_the_priors_own_path(prior):
    a, b = draw(prior, 3), draw(prior, 3, seed=2)
    walk = between(prior, a, b, 9)
    assert torch.equal(walk.z, prior.interpolate(a, b, even(1, 9)[0]))
    assert walk.positions[0, 4].item() == 0.5
    assert walk.columns[4] == "0.5"
    assert not walk.marks.any_off


@every_prior
def test_a_loop_passes_its_stops_and_returns(prior):
    stops = draw(prior, 6).view(2, 3, -1)
    walk = loop(prior, stops, 13)
    assert walk.closed
    assert torch.equal(walk.z[:, 0], walk.z[:, -1])
    assert torch.equal(walk.z[:, [0, 4, 8]], stops)
    assert not walk.marks.any_off


def test_slerp_stays_on_the_sphere_to_1e_6():
    prior = Sphere(64)
    z = loop(prior, draw(prior, 20).view(4, 5, -1), 101).z
    assert (z.double().norm(dim=2) / prior.radius - 1).abs().max() < 1e-6


def test_a_route_takes_each_row_at_its_own_positions():
    prior = Normal(5)
    route = Route(prior, draw(prior, 6).view(2, 3, -1))
    t = torch.tensor([[0.0, 0.1, 0.9], [0.2, 0.5, 1.0]], dtype=torch.float64)
    z = route(t)
    for row in range(2):
        alone = Route(prior, route.stops[row : row + 1])(t[row : row + 1])
        assert torch.equal(z[row], alone[0])
    assert torch.equal(z[1, 1], route.stops[1, 1])
    assert torch.equal(z[1, 2], route.stops[1, 2])


def test_unequal_positions_have_no_common_names():
    prior = Normal(2)
    route = Route(prior, draw(prior, 4).view(2, 2, -1))
    t = torch.tensor([[0.0, 0.5, 1.0], [0.0, 0.4, 1.0]], dtype=torch.float64)
    assert along(route, t).columns == ()
    torch.testing.assert_close(along(route, t).positions, t.float())


def test_jumps_of_a_mixture_are_marked_between_its_components_alone():
    prior = GaussianMixture(8, components=2)
    z = draw(prior, 40)
    kind = prior.component(z)
    a, b = z[kind == 0][:3], z[kind == 1][:3]
    apart, inside = between(prior, a, b, 6).marks, between(prior, a[:1], a[1:2], 6).marks
    assert apart.jumps.tolist() == [[False, False, True, False, False]] * 3
    assert not inside.any_jump


def test_a_category_switches_or_blends_and_either_is_labelled():
    prior = Categorical(3)
    a, b = torch.eye(3)[:1], torch.eye(3)[1:2]
    switch, blend = between(prior, a, b, 5), between(blended(prior), a, b, 5)
    assert switch.marks.jumps.tolist() == [[False, True, False, False]]
    assert not switch.marks.any_off
    assert not blend.marks.any_jump
    assert blend.marks.off.tolist() == [[False, True, True, True, False]]
    torch.testing.assert_close(blend.z[0, 2], torch.tensor([0.5, 0.5, 0.0]))


def test_bits_flip_or_blend():
    prior = Bernoulli(4)
    a, b = torch.zeros(1, 4), torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert between(prior, a, b, 5).marks.jumps.sum() == 2
    assert between(blended(prior), a, b, 5).marks.off.sum() == 3


def test_a_product_jumps_where_a_part_does():
    a, b = draw(INFO, 2), draw(INFO, 2, seed=2)
    a[:, 6:10], b[:, 6:10] = torch.eye(4)[0], torch.eye(4)[2]
    b[1, 6:10] = a[1, 6:10]
    marks = between(INFO, a, b, 4).marks
    assert marks.jumps.tolist() == [[False, True, False], [False, False, False]]
    assert not marks.any_off
    blend = between(blended(INFO), a, b, 4).marks
    assert not blend.any_jump
    assert blend.off.tolist() == [[False, True, True, False], [False] * 4]


@every_prior
def test_a_plane_has_its_corners_and_is_on_the_support(prior):
    corners = draw(prior, 4)
    walk = plane(prior, corners, 3, 5)
    assert walk.z.shape == (3, 5, prior.dim)
    assert torch.equal(walk.z[[0, 0, -1, -1], [0, -1, 0, -1]], corners)
    assert not walk.marks.any_off
    assert walk.rows == ("0", "0.5", "1")


def test_a_volume_begins_and_ends_with_the_planes_of_its_corners():
    prior = Normal(6)
    corners = draw(prior, 8)
    walks = volume(prior, corners, 3, 2, 4)
    assert len(walks) == 3
    assert torch.equal(walks[0].z, plane(prior, corners[:4], 2, 4).z)
    assert torch.equal(walks[2].z, plane(prior, corners[4:], 2, 4).z)


def test_a_lattice_of_coordinates_is_a_grid():
    prior = Normal(4)
    values = torch.tensor([-1.0, 0.0, 2.0])
    moves = [lambda z, k=k: prior.traverse(z, k, values) for k in (0, 2, 3)]
    walk = lattice(prior, torch.zeros(1, 4), moves)
    assert walk.z.shape == (9, 3, 4)
    expected = torch.cartesian_prod(values, values, values).view(9, 3, 3)
    assert torch.equal(walk.z[:, :, [0, 2, 3]], expected)
    assert not walk.z[:, :, 1].any()
    with pytest.raises(UserError, match="at least one direction"):
        lattice(prior, torch.zeros(1, 4), [])


def test_truncation_runs_from_the_centre_to_the_latent():
    prior = Normal(4)
    z = draw(prior, 2)
    walk = truncation(prior, z, torch.tensor([0.0, 0.5, 1.0]))
    torch.testing.assert_close(walk.z, torch.stack([0 * z, 0.5 * z, z], 1))
    assert walk.columns == ("0", "0.5", "1")
    with pytest.raises(UserError, match="no centre"):
        truncation(Sphere(4), draw(Sphere(4), 1), torch.tensor([0.0, 1.0]))


def test_classes_keep_the_latent():
    z = draw(Normal(3), 2)
    walk = classes(Normal(3), z, ("calm", "wild"))
    assert torch.equal(walk.z, torch.stack([z, z], 1))
    assert walk.label.tolist() == [[0, 1], [0, 1]]
    with pytest.raises(UserError, match="no classes"):
        classes(Normal(3), z, ())


def test_codes_sweep_one_part_and_keep_the_noise():
    z = draw(INFO, 3)
    category, first, second = codes(INFO, z, 5)
    assert torch.equal(category.z[1, :, 6:10], torch.eye(4))
    assert [walk.name for walk in (category, first, second)] == [
        "code 1: category", "code 2, coordinate 0", "code 2, coordinate 1",
    ]  # fmt: skip
    assert first.z.shape == (3, 5, INFO.dim)
    assert first.z[0, 0, 10] < -0.9
    assert first.z[0, -1, 10] > 0.9
    for walk in (category, first, second):
        assert torch.equal(walk.z[:, :, :6], z[:, None, :6].expand_as(walk.z[:, :, :6]))
        assert not walk.marks.any_off
    assert torch.equal(second.z[:, :, 10], z[:, None, 10].expand(3, 5))
    with pytest.raises(UserError, match="one part"):
        codes(Normal(3), draw(Normal(3), 1), 5)


def test_a_coordinate_runs_between_its_own_quantiles():
    values = spread(Normal(3), 1, 5)
    torch.testing.assert_close(values[[0, -1]], torch.tensor([-2.326, 2.326]), atol=0.15, rtol=0)
    walk = coordinate(Normal(3), draw(Normal(3), 2), 1, 5)
    assert torch.equal(walk.z[:, :, 1], values.expand(2, 5))
    with pytest.raises(UserError, match="coordinate 3 does not exist"):
        spread(Normal(3), 3, 5)


def test_bad_routes_are_refused():
    with pytest.raises(UserError, match="2 stops"):
        Route(Normal(3), torch.zeros(1, 1, 3))
    with pytest.raises(UserError, match="expected 3"):
        Route(Normal(3), torch.zeros(1, 2, 4))
    with pytest.raises(UserError, match="goes nowhere"):
        even(1, 1)
