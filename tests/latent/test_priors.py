"""What every prior promises."""

import pytest
import torch

from gan_lab.errors import UserError
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
from gan_lab.latent.checks import check_dim
from gan_lab.latent.marks import mark
from gan_lab.types import Prior

T = torch.linspace(0, 1, 7)
CLASSES = [Normal, Sphere, Uniform, TruncatedNormal, GaussianMixture, Bernoulli, Categorical]
PRIORS = [cls(dim) for cls in CLASSES for dim in (2, 17)]
PRIORS += [Normal(1), Uniform(1), TruncatedNormal(1), Bernoulli(1), Categorical(1)]
PRIORS += [GaussianMixture(1, components=2), Product([Normal(3), Categorical(4), Uniform(2)])]


def name(prior):
    return f"{type(prior).__name__}{prior.dim}"


def draw(prior, n=64, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


every_prior = pytest.mark.parametrize("prior", PRIORS, ids=name)


@every_prior
def test_is_a_prior(prior):
    assert isinstance(prior, Prior)


@every_prior
def test_same_generator_same_sample(prior):
    assert torch.equal(draw(prior), draw(prior))
    assert draw(prior).shape == (64, prior.dim)
    assert draw(prior).dtype == torch.float32
    assert prior.sample(0).shape == (0, prior.dim)


@pytest.mark.parametrize("prior", [p for p in PRIORS if name(p) != "Categorical1"], ids=name)
def test_other_seed_other_sample(prior):
    assert not torch.equal(draw(prior), draw(prior, seed=2))


@every_prior
def test_project_is_the_identity_on_samples_and_idempotent(prior):
    z = draw(prior)
    assert torch.equal(prior.project(z), z)
    once = prior.project(3 * torch.randn(64, prior.dim))
    assert torch.equal(prior.project(once), once)


@every_prior
def test_projection_can_be_drawn(prior):
    assert prior.log_prob(prior.project(3 * torch.randn(64, prior.dim))).isfinite().all()


@every_prior
def test_path_is_exact_at_its_ends_and_on_the_support(prior):
    a, b = draw(prior), draw(prior, seed=2)
    path = prior.interpolate(a, b, T)
    assert path.shape == (64, 7, prior.dim)
    assert torch.equal(path[:, 0], a)
    assert torch.equal(path[:, -1], b)
    assert prior.log_prob(path.flatten(0, 1)).isfinite().all()


@every_prior
def test_traverse_stays_on_the_support_and_moves_the_coordinate(prior):
    z, values = draw(prior), torch.tensor([-5.0, 0.0, 0.3, 1.0])
    for index in range(prior.dim):
        path = prior.traverse(z, index, values)
        assert path.shape == (64, 4, prior.dim)
        assert prior.log_prob(path.flatten(0, 1)).isfinite().all()
        torch.testing.assert_close(path[:, 3, index], torch.ones(64))


@every_prior
def test_traverse_refuses_a_missing_coordinate(prior):
    with pytest.raises(UserError, match=f"coordinate {prior.dim} does not exist"):
        prior.traverse(draw(prior), prior.dim, T)


@every_prior
def test_truncation_by_one_changes_nothing(prior):
    assert torch.equal(prior.truncate(draw(prior), 1.0), draw(prior))


@every_prior
@pytest.mark.parametrize("psi", [-0.1, 1.5])
def test_truncation_outside_its_range_is_refused(prior, psi):
    with pytest.raises(UserError, match="truncation"):
        prior.truncate(draw(prior), psi)


@pytest.mark.parametrize("prior", [Normal(3), Uniform(3), TruncatedNormal(3)], ids=name)
def test_truncation_by_zero_gives_the_centre(prior):
    assert torch.equal(prior.truncate(draw(prior), 0.0), torch.zeros(64, 3))


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("dim", [0, -1])
def test_dim_below_one_is_refused(cls, dim):
    with pytest.raises(UserError, match=rf"latent\.dim is {dim}; expected"):
        cls(dim)


@pytest.mark.parametrize("dim", [2.0, "3", True, None])
def test_dim_of_another_type_is_refused(dim):
    with pytest.raises(UserError, match=r"latent\.dim is .* expected a whole number"):
        check_dim(dim)


@every_prior
def test_negative_count_is_refused(prior):
    with pytest.raises(UserError, match="cannot draw -1"):
        prior.sample(-1)


@every_prior
def test_jumps_are_one_per_step_and_none_where_a_path_stands_still(prior):
    a, b = draw(prior), draw(prior, seed=2)
    path = prior.interpolate(a, b, T)
    jumps = prior.jumps(path)
    assert jumps.shape == (64, 6)
    assert jumps.dtype == torch.bool
    assert not prior.jumps(path[:, :1].expand(-1, 7, -1)).any()
    assert prior.jumps(path[:, :1]).shape == (64, 0)
    if type(prior) in (Normal, Sphere, Uniform, TruncatedNormal):
        assert not jumps.any()


@every_prior
def test_a_blend_never_jumps_unless_a_mixture_does(prior):
    a, b = draw(prior), draw(prior, seed=2)
    other = blended(prior)
    path = other.interpolate(a, b, T)
    assert torch.equal(path[:, -1], b)
    if not isinstance(prior, GaussianMixture):
        assert not other.jumps(path).any()
    assert mark(other, path).off.any() == isinstance(prior, Bernoulli | Categorical | Product) & (
        prior.dim > 1 or isinstance(prior, Bernoulli)
    )


def test_the_middle_of_an_arc_returns_to_the_sphere_from_ends_off_it():
    prior = Sphere(8)
    a, b = 1.5 * draw(prior), 0.7 * draw(prior, seed=2)
    path = prior.interpolate(a, b, T)
    assert torch.equal(path[:, 0], a)
    assert (path[:, 1:-1].norm(dim=2) / prior.radius - 1).abs().max() < 1e-6
    assert mark(prior, path).off.tolist() == [[True, *[False] * 5, True]] * 64
