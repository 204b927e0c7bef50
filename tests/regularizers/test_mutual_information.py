"""The code reader against closed forms, and a generator that learns to use its code."""

import functools
import math

import pytest
import torch
from torch import nn

from gan_lab.errors import UserError
from gan_lab.latent import Categorical, Normal, Uniform
from gan_lab.latent.product import Product
from gan_lab.networks.mlp import Critic
from gan_lab.regularizers import Judge
from gan_lab.regularizers.mutual_information import CodeReader, MutualInformation
from gan_lab.spec import DataSpec, Labels

PRIOR = Product([Normal(3), Categorical(4), Uniform(2)])
SPEC = DataSpec("toy", "points", 2)
BUILD = {"prior": PRIOR, "labels": Labels(), "features": 8}


@pytest.fixture
def judge():
    return Judge(Critic(SPEC, width=8))


class Bare(nn.Module):
    """A critic that shows the sample itself."""

    feature_count = 1

    def features(self, x):
        return x


def ignorant(codes):
    reader = CodeReader(PRIOR, codes, 8)
    for parameter in reader.parameters():
        nn.init.zeros_(parameter)
    return reader


def test_without_knowledge_a_category_costs_its_entropy(judge):
    z = PRIOR.sample(6)
    penalty = ignorant([1])(critic=judge, fake=torch.randn(6, 2), z=z)
    torch.testing.assert_close(penalty, torch.full((6,), math.log(4)))


def test_without_knowledge_a_continuous_code_costs_a_standard_normal(judge):
    z = PRIOR.sample(6)
    penalty = ignorant([2])(critic=judge, fake=torch.randn(6, 2), z=z)
    expected = -torch.distributions.Normal(0.0, 1.0).log_prob(z[:, 7:]).sum(1)
    torch.testing.assert_close(penalty, expected)


def test_parts_add_up_and_the_noise_is_not_read(judge):
    z, fake = PRIOR.sample(6), torch.randn(6, 2)
    both = MutualInformation().build(**BUILD)
    first, second = (CodeReader(PRIOR, [k], 8) for k in (1, 2))
    first.readers[0], second.readers[0] = both.readers[0], both.readers[1]
    total = first(critic=judge, fake=fake, z=z) + second(critic=judge, fake=fake, z=z)
    torch.testing.assert_close(both(critic=judge, fake=fake, z=z), total)
    other = z.clone()
    other[:, :3] = 0.0
    assert torch.equal(both(critic=judge, fake=fake, z=other), both(critic=judge, fake=fake, z=z))


def test_the_bound_is_tight_for_a_gaussian_channel():
    """x = c + noise: the best reader's cost is H(c | x), known in closed form."""
    rng = torch.Generator().manual_seed(0)
    prior, n, sigma = Product([Normal(1), Normal(1)]), 100_000, 0.5
    z = prior.sample(n, rng)
    x = z[:, 1:] + sigma * torch.randn(n, 1, generator=rng)
    reader = CodeReader(prior, [1], 1)
    variance = sigma**2 / (1 + sigma**2)
    with torch.no_grad():
        reader.readers[0].linear.weight[:] = torch.tensor([[1 / (1 + sigma**2)], [0.0]])
        reader.readers[0].linear.bias[:] = torch.tensor([0.0, math.log(variance)])

    penalty = reader(critic=Judge(Bare()), fake=x, z=z)
    entropy = 0.5 * math.log(2 * math.pi * math.e * variance)
    # the variance of one term is 1/2: five standard errors
    assert abs(penalty.mean().item() - entropy) < 5 * math.sqrt(0.5 / n)


def test_the_generator_gets_a_gradient(judge):
    reader, z = MutualInformation().build(**BUILD), PRIOR.sample(5)
    fake = torch.randn(5, 2, requires_grad=True)
    reader(critic=judge, fake=fake, z=z).sum().backward()
    assert fake.grad.abs().sum(1).gt(0).all()


@pytest.mark.parametrize(
    ("changes", "codes", "told"),
    [
        ({"prior": Normal(3)}, None, "latent=info"),
        ({}, [3], "codes"),
        ({"prior": Product([Normal(3)])}, None, "codes"),
        ({"features": 0}, None, "features"),
    ],
)
def test_what_cannot_be_built_is_told(changes, codes, told):
    with pytest.raises(UserError, match=told):
        MutualInformation(codes=codes).build(**{**BUILD, **changes})


def test_packs_are_refused(judge):
    with pytest.raises(UserError, match=r"model\.pack=1"):
        ignorant([1])(critic=judge, fake=torch.randn(3, 2), z=PRIOR.sample(6))


def test_a_generator_learns_to_use_its_code(judge):
    """A linear generator that ignores the code is taught to show it, by the reader alone."""
    prior = Product([Normal(2), Categorical(3)])
    generator = nn.Linear(5, 2)
    nn.init.zeros_(generator.weight[:, 2:].data)
    with torch.no_grad():
        generator.weight[:, 2:] = 0.0
    reader = MutualInformation().build(prior=prior, labels=Labels(), features=8)
    modules = (generator, reader, judge.network)
    adam = functools.partial(torch.optim.Adam, lr=1e-2)
    optimizer = adam([p for module in modules for p in module.parameters()])
    rng = torch.Generator().manual_seed(0)
    costs = []
    for _ in range(300):
        z = prior.sample(64, rng)
        cost = reader(critic=judge, fake=generator(z), z=z).mean()
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        costs.append(cost.item())
    assert costs[0] > 0.9 * math.log(3)
    assert sum(costs[-20:]) / 20 < 0.3 * math.log(3)
