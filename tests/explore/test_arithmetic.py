import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.arithmetic import analogy, average
from gan_lab.explore.gauge import Gauge, atypical
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

CONTINUOUS = [Normal(32), Uniform(32), TruncatedNormal(32), Sphere(32), GaussianMixture(32)]
PRIORS = [*CONTINUOUS, Categorical(4), Bernoulli(6), Product([Normal(16), Categorical(3)])]


def draw(prior, n, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


def names(prior):
    return type(prior).__name__


@pytest.mark.parametrize("prior", PRIORS, ids=names)
def test_an_average_is_a_latent_of_the_prior(prior):
    mean = average(prior, draw(prior, 50))
    assert mean.shape == (1, prior.dim)
    assert not prior.log_prob(mean).isneginf().any()
    assert not atypical(Gauge(prior)(mean)).any()


def test_the_plain_mean_of_normals_would_not_be():
    z = draw(Normal(32), 50)
    assert Gauge(Normal(32))(z.mean(0, keepdim=True)).item() == 0
    # Same direction, mean norm.
    mean = average(Normal(32), z)
    assert torch.cosine_similarity(mean, z.mean(0, keepdim=True)).item() == pytest.approx(1)
    assert mean.norm().item() == pytest.approx(z.norm(dim=1).mean().item(), rel=1e-5)


@pytest.mark.parametrize("prior", PRIORS, ids=names)
def test_one_latent_is_its_own_average(prior):
    z = draw(prior, 1)
    assert torch.allclose(average(prior, z), z, atol=1e-5)


@pytest.mark.parametrize("prior", PRIORS, ids=names)
def test_results_are_as_typical_as_what_was_moved(prior):
    a, b, c = (draw(prior, 30, seed) for seed in (1, 2, 3))
    z = analogy(prior, a, b, c).z
    assert not prior.log_prob(z).isneginf().any()
    if isinstance(prior, Normal | Sphere):
        assert torch.allclose(z.norm(dim=1), c.norm(dim=1), rtol=1e-5)
    assert atypical(Gauge(prior)(z)).float().mean() <= 0.1


@pytest.mark.parametrize("prior", PRIORS, ids=names)
def test_nothing_added_is_nothing_moved(prior):
    a, c = draw(prior, 20), draw(prior, 10, 2)
    assert torch.allclose(analogy(prior, a, a, c).z, c, atol=1e-4)


@pytest.mark.parametrize("prior", CONTINUOUS[:4], ids=names)
def test_the_direction_of_a_factor_is_found(prior):
    # A factor is read off the first coordinate: a has much of it, b little.
    z = draw(prior, 4000)
    order = z[:, 0].argsort()
    low, high = z[order[:200]], z[order[-200:]]
    found = analogy(prior, high, low, draw(prior, 100, 3))
    moved = found.z - draw(prior, 100, 3)
    assert (moved[:, 0] > 0).all()
    assert moved[:, 0].mean() > 5 * moved[:, 1:].mean(0).abs().max()


def test_b_plus_what_a_has_more_is_a():
    # Two classes that differ in one shift: b moved by a - b lies at a.
    prior = Normal(64)
    centre = 4 * torch.eye(64)[:1]
    a, b = draw(prior, 500) + centre, draw(prior, 500, 2) - centre
    z = analogy(prior, a, b, b).z
    assert (z[:, 0] > 0).all()
    assert z[:, 0].mean().item() == pytest.approx(4, abs=0.3)


def test_labels_of_discrete_parts_follow_the_sum():
    prior = Categorical(3)
    one, two, three = torch.eye(3).split(1)
    assert torch.equal(analogy(prior, one, two, two).z, one)
    assert torch.equal(analogy(prior, one, two, three).z, three)
    bits = Bernoulli(3)
    a, b, c = torch.tensor([[[1.0, 1, 0]], [[0.0, 1, 0]], [[0.0, 0, 1]]])
    assert analogy(bits, a, b, c).z.tolist() == [[1, 0, 1]]


def test_a_mixture_changes_its_component_only_where_b_is_that_of_c():
    prior = GaussianMixture(4, components=3)
    own = [prior.means[k : k + 1] + 0.05 * torch.randn(6, 4) for k in range(3)]
    assert (prior.component(analogy(prior, own[0], own[1], own[1]).z) == 0).all()
    assert (prior.component(analogy(prior, own[0], own[1], own[2]).z) == 2).all()


def test_the_amount_scales_the_shift():
    prior = Uniform(8)
    a, b, c = (draw(prior, 10, seed) for seed in range(3))
    assert torch.allclose(analogy(prior, a, b, c, amount=0.0).z, c, atol=1e-5)
    half, full = (analogy(prior, a, b, c, amount=v).z - c for v in (0.5, 1.0))
    assert (half.norm(dim=1) < full.norm(dim=1)).all()


def test_an_empty_operand_is_named():
    with pytest.raises(UserError, match="no latents"):
        analogy(Normal(2), torch.zeros(0, 2), torch.zeros(1, 2), torch.zeros(1, 2))
