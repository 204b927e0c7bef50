import json

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.composition import orthogonalised, summed, without
from gan_lab.explore.direction import (
    Direction,
    directions,
    load_directions,
    move,
    save_directions,
    tangent,
)
from gan_lab.latent import (
    Categorical,
    GaussianMixture,
    Normal,
    Product,
    Sphere,
    TruncatedNormal,
    Uniform,
)

PRIORS = [
    Normal(6),
    Sphere(6),
    Uniform(6),
    TruncatedNormal(6),
    GaussianMixture(6),
    Product([Normal(2), Sphere(2), Categorical(2)]),
]
AMOUNTS = torch.linspace(-4, 4, 9)


def drawn(prior, n=16):
    return prior.sample(n, torch.Generator().manual_seed(1))


def some(prior, count=3):
    rng = torch.Generator().manual_seed(2)
    return directions(torch.randn(count, prior.dim, generator=rng), prior, method="random")


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: type(p).__name__)
def test_moves_stay_on_the_support_and_begin_at_the_latent(prior):
    z = drawn(prior)
    for direction in some(prior):
        moved = move(prior, z, direction, AMOUNTS)
        assert torch.equal(moved[:, 4], z)
        assert prior.log_prob(moved.flatten(0, 1)).isfinite().all()


def test_a_move_on_a_sphere_is_the_great_circle_towards_the_vector():
    prior = Sphere(6)
    z, direction = drawn(prior).double(), some(prior)[0]
    vector = direction.vector.double()
    t = tangent(prior, z, vector)
    assert ((t * z).sum(1).abs() < 1e-9).all()
    moved = move(prior, z, direction, torch.linspace(0, 50, 30))
    assert torch.allclose(moved.norm(dim=2), torch.full((16, 30), prior.radius).double())
    plane = torch.linalg.qr(torch.stack([z[0], t[0]], 1))[0]
    outside = moved[0] - (moved[0] @ plane) @ plane.T
    assert outside.norm(dim=1).max() < 1e-5
    turned = torch.atan2(moved[0] @ t[0] / t[0].norm(), moved[0] @ z[0] / prior.radius)
    step = torch.linspace(0, 50, 30).double() * direction.scale * t[0].norm() / prior.radius
    assert torch.allclose(turned, torch.atan(step), atol=1e-5)


def test_a_move_in_a_normal_prior_is_a_straight_line_in_standard_deviations():
    prior = Normal(6)
    z, direction = drawn(prior), some(prior)[0]
    moved = move(prior, z, direction, AMOUNTS)
    steps = (moved - z[:, None]) @ direction.vector
    assert torch.allclose(steps, (AMOUNTS * direction.scale).expand(16, -1), atol=1e-5)
    assert direction.scale == pytest.approx(1.0, abs=0.04)


def test_the_scale_is_the_standard_deviation_of_the_prior_along_the_vector():
    for direction in directions(torch.eye(6), Uniform(6), method="random"):
        assert direction.scale == pytest.approx(1 / 3**0.5, abs=0.02)


def test_a_vector_of_zeros_is_no_direction():
    with pytest.raises(UserError, match="zero or not finite"):
        directions(torch.zeros(1, 6), Normal(6), method="jacobian")


def test_directions_come_back_from_their_file_bit_for_bit(tmp_path):
    found = [d.with_facts({"fit": 0.5, "given": ["size"]}) for d in some(Normal(6))]
    save_directions(tmp_path / "d.json", found, "abc")
    back = load_directions(tmp_path / "d.json", "abc")
    for a, b in zip(found, back, strict=True):
        assert torch.equal(a.vector, b.vector)
        assert (a.name, a.method, a.explained, a.scale, a.facts) == (
            b.name,
            b.method,
            b.explained,
            b.scale,
            b.facts,
        )


def test_another_generator_is_refused_in_one_line(tmp_path):
    save_directions(tmp_path / "d.json", some(Normal(6)), "a" * 64)
    with pytest.raises(UserError, match="belongs to a generator with weights aaaa") as caught:
        load_directions(tmp_path / "d.json", "b" * 64)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"format_version": 9, "weights": "", "directions": []}']
)
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "d.json").write_text(content)
    with pytest.raises(UserError, match=r"damaged|format_version"):
        load_directions(tmp_path / "d.json")


def test_a_missing_file_and_a_nan_are_refused(tmp_path):
    with pytest.raises(UserError, match="is missing"):
        load_directions(tmp_path / "d.json")
    save_directions(tmp_path / "d.json", some(Normal(6), 1), "a")
    content = json.loads((tmp_path / "d.json").read_text())
    content["directions"][0]["vector"][0] = float("nan")
    (tmp_path / "d.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="damaged"):
        load_directions(tmp_path / "d.json")


def test_names_are_unique_in_a_file(tmp_path):
    one = some(Normal(6), 1)
    with pytest.raises(UserError, match="two directions are called"):
        save_directions(tmp_path / "d.json", [*one, *one], "a")


def test_sums_and_what_is_left_beside_others():
    prior = Normal(6)
    e = directions(torch.eye(6), prior, method="random", names=list("abcdef"))
    both = summed(e[:2], [1.0, -1.0], prior, "both")
    assert torch.allclose(both.vector, torch.tensor([1.0, -1, 0, 0, 0, 0]) / 2**0.5)
    alone = without(both, [e[1]], prior, "alone")
    assert torch.allclose(alone.vector, e[0].vector, atol=1e-6)
    with pytest.raises(UserError, match="cancel out"):
        summed([e[0], e[0]], [1.0, -1.0], prior, "nothing")
    with pytest.raises(UserError, match="nothing is left"):
        without(both, [e[0], e[1]], prior, "nothing")


def test_orthogonalised_directions_keep_the_first_and_their_span():
    prior = Normal(6)
    found = some(prior, 4)
    done = orthogonalised(found, prior)
    rows = torch.stack([d.vector for d in done]).double()
    assert torch.allclose(rows @ rows.T, torch.eye(4).double(), atol=1e-6)
    assert torch.equal(done[0].vector, found[0].vector)
    given = torch.stack([d.vector for d in found]).double()
    assert torch.allclose(given @ rows.T @ rows, given, atol=1e-6)


def test_a_direction_names_itself():
    assert isinstance(some(Normal(6))[0], Direction)
    assert [d.name for d in some(Normal(6))] == ["random1", "random2", "random3"]
