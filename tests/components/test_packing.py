"""Packs hold whole samples, in order."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.components.packing import pack

SHAPES = [(2,), (3, 8), (1, 5, 7)]


@given(packs=st.integers(1, 5), size=st.integers(1, 5), shape=st.sampled_from(SHAPES))
def test_packs_can_be_undone(packs, size, shape):
    x = torch.randn(packs * size, *shape)
    packed = pack(x, size)
    assert packed.shape == (packs, size * shape[0], *shape[1:])
    assert torch.equal(packed.unflatten(1, (size, shape[0])).flatten(0, 1), x)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pack_is_its_neighbours_one_after_the_other(shape):
    x = torch.randn(6, *shape)
    packed = pack(x, 3)
    for k in range(2):
        assert torch.equal(packed[k], torch.cat([x[3 * k], x[3 * k + 1], x[3 * k + 2]]))


def test_a_pack_of_one_is_the_sample():
    x = torch.randn(4, 3, 8)
    assert torch.equal(pack(x, 1), x)


def test_a_critic_of_packs_sees_collapse_that_a_critic_of_samples_cannot():
    """Two equal modes against packs of one sample copied: same marginal, other packs."""
    real = torch.tensor([[-1.0], [1.0]])[torch.randint(0, 2, (4000,))]
    fake = real[::2].repeat_interleave(2, dim=0)
    agree = [(p[:, 0] == p[:, 1]).float().mean() for p in (pack(real, 2), pack(fake, 2))]
    # Four standard errors of a share of one half among 2,000.
    assert abs(agree[0] - 0.5) < 4 * 0.5 / 2000**0.5
    assert agree[1] == 1
    assert abs(real.mean() - fake.mean()) < 4 / 2000**0.5


def test_gradients_pass_through_packs():
    x = torch.randn(6, 2, 5, requires_grad=True)
    weights = torch.randn(3, 4, 5)
    (gradient,) = torch.autograd.grad((pack(x, 2) * weights).sum(), x)
    assert torch.equal(pack(gradient, 2), weights)


def test_incomplete_packs_are_refused():
    with pytest.raises(RuntimeError):
        pack(torch.randn(5, 2), 2)
