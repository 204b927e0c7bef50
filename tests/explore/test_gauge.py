import pytest
import torch
from scipy import stats

from gan_lab.errors import UserError
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
from gan_lab.latent.path import lerp

PRIORS = [
    Normal(2), Normal(64), Uniform(16), TruncatedNormal(16), GaussianMixture(8), Sphere(16),
    Bernoulli(12, p=0.3), Categorical(5), Product([Normal(8), Categorical(3), Uniform(2)]),
]  # fmt: skip


def draw(prior, n, seed=5):
    return prior.sample(n, torch.Generator().manual_seed(seed))


def test_normal_percentile_is_that_of_chi_squared():
    z = draw(Normal(16), 200)
    exact = 100 * stats.chi2(16).cdf(z.square().sum(1).numpy())
    # The largest deviation of an empirical CDF of 4096 draws exceeds 2.5 % with probability 1 %.
    assert abs(Gauge(Normal(16))(z).numpy() - exact).max() < 2.6


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: f"{type(p).__name__}{p.dim}")
def test_own_draws_are_typical(prior):
    percentile = Gauge(prior)(draw(prior, 2000))
    assert percentile.mean().item() == pytest.approx(50, abs=3)
    assert atypical(percentile).float().mean() < 0.04


def test_the_middle_of_a_straight_line_is_too_close_to_the_centre():
    prior = Normal(128)
    a, b = draw(prior, 20), draw(prior, 20, seed=6)
    t = torch.tensor([0.5])
    assert Gauge(prior)(lerp(a, b, t)[:, 0]).max() < 1
    assert not atypical(Gauge(prior)(prior.interpolate(a, b, t)[:, 0])).any()


def test_far_out_is_near_100_and_the_mode_near_0():
    gauge = Gauge(Normal(16))
    assert gauge(9 / 16**0.5 * torch.ones(1, 16)).item() == 100
    assert gauge(torch.zeros(1, 16)).item() == 0


@pytest.mark.parametrize(
    ("prior", "z"),
    [
        (Uniform(2), [[0.0, 1.1]]),
        (TruncatedNormal(2), [[0.0, 2.1]]),
        (Sphere(2), [[1.0, 0.9]]),
        (Categorical(2), [[0.5, 0.5]]),
        (Product([Normal(1), Categorical(2)]), [[0.0, 0.5, 0.5]]),
    ],
)
def test_what_cannot_be_drawn_has_100(prior, z):
    assert Gauge(prior)(torch.tensor(z)).item() == 100


def test_a_cube_is_ranked_by_the_norm():
    gauge = Gauge(Uniform(16))
    assert gauge(torch.zeros(1, 16)).item() == 0
    assert gauge(0.999 * torch.ones(1, 16)).item() == 100


def test_what_cannot_vary_has_50():
    for prior in (Sphere(8), Categorical(4)):
        assert torch.equal(Gauge(prior)(draw(prior, 9)), torch.full((9,), 50.0))


def test_between_two_components_is_far_out():
    prior = GaussianMixture(4, components=2)
    middle = prior.means.mean(0, keepdim=True)
    assert Gauge(prior)(middle).item() == 100
    assert Gauge(prior)(prior.means).max() < 1


def test_same_seed_same_gauge():
    z = draw(Normal(3), 50)
    assert torch.equal(Gauge(Normal(3), seed=1)(z), Gauge(Normal(3), seed=1)(z))
    assert not torch.equal(Gauge(Normal(3), seed=1)(z), Gauge(Normal(3), seed=2)(z))


def test_typical_is_mean_and_spread_of_the_surprise():
    mean, spread = Gauge(Normal(16)).typical
    assert mean == pytest.approx(8 + 8 * torch.tensor(2 * torch.pi).log().item(), abs=0.25)
    assert spread == pytest.approx(8**0.5, rel=0.06)


def test_one_draw_is_refused():
    with pytest.raises(UserError, match="ranks nothing"):
        Gauge(Normal(2), n=1)
