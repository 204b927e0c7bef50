"""The class head against closed forms; both sides gain from it."""

import math

import pytest
import torch
from torch import nn

from gan_lab.errors import UserError
from gan_lab.latent import Normal
from gan_lab.networks.mlp import Critic
from gan_lab.regularizers import Judge
from gan_lab.regularizers.auxiliary_classifier import AuxiliaryClassifier, ClassHead
from gan_lab.spec import DataSpec, Labels

SPEC = DataSpec("toy", "points", 2, classes=("a", "b", "c"))


@pytest.fixture
def judge():
    return Judge(Critic(SPEC, width=8, conditional=False))


def test_a_head_that_knows_nothing_pays_log_k_twice(judge):
    head = ClassHead(8, 3)
    nn.init.zeros_(head.linear.weight), nn.init.zeros_(head.linear.bias)
    x, label = torch.randn(5, 2), torch.tensor([0, 1, 2, 0, 1])
    penalty = head(critic=judge, real=x, fake=-x, label=label)
    torch.testing.assert_close(penalty, torch.full((5,), 2 * math.log(3)))


def test_it_is_the_cross_entropy_of_both(judge):
    head = ClassHead(8, 3)
    real, fake, label = torch.randn(4, 2), torch.randn(4, 2), torch.tensor([2, 0, 1, 2])
    expected = torch.zeros(4, dtype=torch.float64)
    for x in (real, fake):
        logit = head.linear(judge.network.features(x)).double()
        expected -= (logit - logit.logsumexp(1, keepdim=True))[torch.arange(4), label]
    penalty = head(critic=judge, real=real, fake=fake, label=label)
    torch.testing.assert_close(penalty.double(), expected, rtol=1e-5, atol=1e-6)


def test_fakes_and_the_head_get_a_gradient(judge):
    head, label = ClassHead(8, 3), torch.tensor([0, 1, 2])
    fake = torch.randn(3, 2, requires_grad=True)
    head(critic=judge, real=torch.randn(3, 2), fake=fake, label=label).sum().backward()
    assert fake.grad.abs().sum(1).gt(0).all()
    assert head.linear.weight.grad.abs().max() > 0


def test_following_the_gradient_makes_fakes_legible(judge):
    head, label = ClassHead(8, 3), torch.arange(3).repeat(20)
    fake = torch.randn(60, 2)

    def cost(x):
        return head(critic=judge, real=x.detach(), fake=x, label=label).mean()

    x = fake.clone().requires_grad_()
    (slope,) = torch.autograd.grad(cost(x), x)
    assert cost(fake - 0.1 * slope / slope.norm()) < cost(fake)


@pytest.mark.parametrize(
    ("labels", "features", "told"),
    [(Labels(), 8, "classes"), (Labels(attributes=2), 8, "classes"), (Labels(3), 0, "features")],
)
def test_what_cannot_be_built_is_told(labels, features, told):
    with pytest.raises(UserError, match=told):
        AuxiliaryClassifier().build(prior=Normal(2), labels=labels, features=features)


def test_packs_are_refused(judge):
    x = torch.randn(2, 2)
    with pytest.raises(UserError, match=r"model\.pack=1"):
        ClassHead(8, 3)(critic=judge, real=x, fake=x, label=torch.arange(3))
