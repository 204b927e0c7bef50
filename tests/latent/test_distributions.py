"""Moments and densities; thresholds are five standard errors under the right distribution."""

import math

import pytest
import torch
from scipy import stats
from torch import distributions

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

N = 20_000
MOMENTS = [
    # prior, mean, variance, kurtosis (fourth central moment over squared variance)
    (Normal(3), 0.0, 1.0, 3.0),
    (Uniform(3), 0.0, 1 / 3, 1.8),
    (Sphere(3), 0.0, 1.0, 1.8),  # Archimedes: coordinates on a 2-sphere are uniform
    (Bernoulli(3, p=0.2), 0.2, 0.16, 1 / 0.16 - 3),
    (Categorical(4), 0.25, 3 / 16, 16 / 3 - 3),
    (
        TruncatedNormal(3),
        0.0,
        float(stats.truncnorm(-2, 2).var()),
        3.0 + float(stats.truncnorm.stats(-2, 2, moments="k")),
    ),
]


@pytest.mark.parametrize(("prior", "mean", "variance", "kurtosis"), MOMENTS)
def test_moments(prior, mean, variance, kurtosis):
    z = prior.sample(N, torch.Generator().manual_seed(3)).double()
    error = math.sqrt(variance / N)
    assert (z.mean(0) - mean).abs().max() < 5 * error
    spread = variance * math.sqrt((kurtosis - 1) / N)
    assert ((z - mean).square().mean(0) - variance).abs().max() < 5 * spread


def test_truncated_normal_follows_its_distribution():
    z = TruncatedNormal(1, threshold=1.5).sample(4000, torch.Generator().manual_seed(0))
    assert stats.kstest(z[:, 0].numpy(), stats.truncnorm(-1.5, 1.5).cdf).pvalue > 1e-4
    assert z.abs().max() <= 1.5


def test_normal_log_prob():
    z = torch.randn(5, 4)
    torch.testing.assert_close(
        Normal(4).log_prob(z), distributions.Normal(0.0, 1.0).log_prob(z).sum(1)
    )


def test_uniform_log_prob():
    z = torch.tensor([[0.1, -0.9], [0.0, 1.1]])
    torch.testing.assert_close(Uniform(2).log_prob(z), torch.tensor([-2 * math.log(2), -math.inf]))


def test_truncated_normal_log_prob():
    z = torch.tensor([[0.3], [-1.2], [1.6]])
    expected = torch.from_numpy(stats.truncnorm(-1.5, 1.5).logpdf(z.numpy()))[:, 0].float()
    torch.testing.assert_close(TruncatedNormal(1, threshold=1.5).log_prob(z), expected)


@pytest.mark.parametrize(
    "prior",
    [Normal(1), Uniform(1), TruncatedNormal(1), GaussianMixture(1, components=2, std=0.3)],
)
def test_density_integrates_to_one(prior):
    x = torch.linspace(-8, 8, 40_001, dtype=torch.float64)
    assert torch.trapezoid(prior.log_prob(x[:, None]).exp(), x).item() == pytest.approx(1, abs=3e-4)


def test_mixture_log_prob():
    prior = GaussianMixture(3, components=5, std=0.4)
    mixture = distributions.MixtureSameFamily(
        distributions.Categorical(torch.ones(5)),
        distributions.Independent(distributions.Normal(prior.means, 0.4), 1),
    )
    z = torch.randn(6, 3)
    torch.testing.assert_close(prior.log_prob(z), mixture.log_prob(z))


def test_bernoulli_log_prob():
    z = torch.tensor([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    expected = distributions.Bernoulli(torch.tensor(0.3)).log_prob(z).sum(1)
    torch.testing.assert_close(Bernoulli(3, p=0.3).log_prob(z), expected)
    assert Bernoulli(1).log_prob(torch.tensor([[0.4]])).item() == -math.inf


def test_categorical_log_prob():
    z = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])
    torch.testing.assert_close(Categorical(3).log_prob(z), torch.tensor([-math.log(3), -math.inf]))


def test_sphere_log_prob_is_minus_log_of_its_area():
    circle, ball = Sphere(2), Sphere(3)
    assert circle.log_prob(circle.sample(1)).exp().item() == pytest.approx(
        1 / (2 * math.pi * math.sqrt(2))
    )
    assert ball.log_prob(ball.sample(1)).exp().item() == pytest.approx(1 / (4 * math.pi * 3))
    assert ball.log_prob(torch.ones(1, 3) * 1.01).item() == -math.inf


def test_sphere_samples_and_paths_have_the_radius():
    prior = Sphere(16)
    a, b = prior.sample(20), prior.sample(20)
    path = prior.interpolate(a, b, torch.linspace(0, 1, 9))
    assert (path.norm(dim=2) - 4).abs().max() < 1e-5


def test_sphere_does_not_crowd_one_orthant():
    z = Sphere(8).sample(N, torch.Generator().manual_seed(0))
    assert ((z > 0).double().mean(0) - 0.5).abs().max() < 5 * 0.5 / math.sqrt(N)


def test_sphere_has_no_truncation_and_needs_two_dimensions():
    with pytest.raises(UserError, match="no centre"):
        Sphere(3).truncate(torch.ones(1, 3), 0.5)
    with pytest.raises(UserError, match=r"latent.dim is 1"):
        Sphere(1)


def test_normal_path_keeps_the_shell_that_a_line_leaves():
    prior = Normal(128)
    a, b = prior.sample(50), prior.sample(50)
    middle = prior.interpolate(a, b, torch.tensor([0.5]))[:, 0].norm(dim=1)
    torch.testing.assert_close(middle, (a.norm(dim=1) + b.norm(dim=1)) / 2)
    assert ((a + b) / 2).norm(dim=1).max() < middle.min()


def test_truncated_normal_path_is_even_in_probability():
    prior = TruncatedNormal(1, threshold=2.0)
    a, b = torch.tensor([[-1.9]]), torch.tensor([[1.2]])
    path = prior.interpolate(a, b, torch.linspace(0, 1, 6))[0, :, 0]
    share = torch.from_numpy(stats.truncnorm(-2, 2).cdf(path.numpy()))
    torch.testing.assert_close(share.diff(), share.diff().mean().expand(5), rtol=1e-4, atol=0)


def test_mixture_means_are_regular():
    corners = GaussianMixture(2, components=8, radius=3.0).means
    torch.testing.assert_close(corners.norm(dim=1), torch.full((8,), 3.0))
    gaps = (corners - corners.roll(1, 0)).norm(dim=1)
    torch.testing.assert_close(gaps, torch.full((8,), 6 * math.sin(math.pi / 8)))
    axes = GaussianMixture(16, components=10).means
    torch.testing.assert_close(axes @ axes.T, 16 * torch.eye(10), atol=1e-4, rtol=0)


def test_mixture_truncates_to_its_own_mean_and_visits_all_components():
    prior = GaussianMixture(16, components=10)
    z = prior.sample(200)
    assert torch.equal(prior.truncate(z, 0.0), prior.means[prior.component(z)])
    assert prior.component(z).unique().numel() == 10


def test_mixture_path_never_leaves_likely_components():
    prior = GaussianMixture(16, components=4, std=0.2)
    a, b = prior.sample(40), prior.sample(40)
    path = prior.interpolate(a, b, torch.linspace(0, 1, 9))
    distance = torch.cdist(path, prior.means).min(2).values
    ends = torch.stack([distance[:, 0], distance[:, -1]])
    assert (distance <= ends.max(0).values[:, None] + 1e-4).all()


def test_mixture_refuses_three_means_on_a_line():
    with pytest.raises(UserError, match="too small"):
        GaussianMixture(1, components=3)


def test_bernoulli_path_flips_one_bit_at_a_time():
    a, b = torch.zeros(1, 4), torch.ones(1, 4)
    path = Bernoulli(4).interpolate(a, b, torch.linspace(0, 1, 5))
    assert path.sum(2).flatten().tolist() == [0, 1, 2, 3, 4]


def test_categorical_path_switches_at_one_half():
    a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    path = Categorical(2).interpolate(a, b, torch.tensor([0.0, 0.49, 0.5, 1.0]))
    assert path[0, :, 1].tolist() == [0, 0, 1, 1]


def test_product_acts_part_by_part():
    prior = Product([Normal(2), Categorical(3)])
    z = prior.sample(9)
    torch.testing.assert_close(prior.log_prob(z), Normal(2).log_prob(z[:, :2]) - math.log(3))
    half = prior.truncate(z, 0.5)
    assert torch.equal(half[:, :2], z[:, :2] / 2)
    assert torch.equal(half[:, 2:], z[:, 2:])
    moved = prior.traverse(z, 4, torch.tensor([1.0]))[:, 0]
    assert torch.equal(moved[:, 2:], torch.tensor([[0.0, 0.0, 1.0]]).expand(9, 3))
    assert torch.equal(moved[:, :2], z[:, :2])


def test_product_refuses_an_empty_list():
    with pytest.raises(UserError, match=r"latent.priors"):
        Product([])


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan])
def test_threshold_must_be_positive(threshold):
    with pytest.raises(UserError, match=r"latent.threshold"):
        TruncatedNormal(2, threshold=threshold)


@pytest.mark.parametrize("p", [0.0, 1.0, 1.5, math.nan])
def test_bernoulli_probability_must_be_inside(p):
    with pytest.raises(UserError, match=r"latent.p "):
        Bernoulli(2, p=p)
