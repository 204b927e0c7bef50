import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.networks import transformer
from gan_lab.spec import DataSpec

SPEC = DataSpec("demo", "series", 3, (20,), ("a", "b"))
LABEL = torch.tensor([0, 1])


def test_pair_learns():
    generator = transformer.Generator(SPEC, 40, width=8)
    critic = transformer.Critic(SPEC, width=8)
    critic(generator(torch.randn(2, 40), LABEL), LABEL).square().sum().backward()
    for network in (generator, critic):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name


def test_gradient_penalty_of_the_critic_has_a_gradient():
    critic = transformer.Critic(SPEC, width=8)
    x = torch.randn(2, 3, 20, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(x, LABEL).sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert (slope.abs().amax((0, 1)) > 0).all()
    assert critic.core.blocks[0].attention.read.weight.grad.abs().max() > 0


@torch.no_grad()
def test_step_sees_the_noise_of_its_window():
    generator = transformer.Generator(
        SPEC, 20, width=8, layers=1, window=4, repeat=False, conditional=False
    ).eval()
    z = torch.randn(1, 20)
    moved = z.clone()
    moved[0, 5] += 3
    changed = (generator(moved) - generator(z)).abs().amax((0, 1)) > 0
    assert changed.nonzero().flatten().tolist() == [5, 6, 7, 8]


def test_heads_must_divide_the_width():
    with pytest.raises(UserError, match="expected heads to divide width"):
        transformer.Critic(SPEC, width=10)
