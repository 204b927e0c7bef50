import copy

import pytest
import torch
from torch import nn

from gan_lab.data.samples import Batch, Samples
from gan_lab.errors import UserError
from gan_lab.explore.selection.refit import refit
from gan_lab.spec import DataSpec

SPEC = DataSpec("toy", "points", 1)


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(1, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.constant_(self.line.bias, 1.0)

    def forward(self, x, label=None):
        return self.line(x)[:, 0]


def rows(n, seed, shift=1.0):
    rng = torch.Generator().manual_seed(seed)
    return Samples(torch.randn(n, 1, generator=rng) + shift, None, SPEC)


def fakes(n, rng):
    return Batch(torch.randn(n, 1, generator=rng), None)


def run(network, **options):
    return refit(network, train=rows(2000, 0), held_out=rows(500, 1), fakes=fakes, **options)


def test_learns_the_ratio_and_leaves_the_critic_that_it_was_given():
    network = Line()
    state = copy.deepcopy(network.state_dict())
    found = run(network, steps=300, lr=0.05)
    assert float(found.network.line.weight) == pytest.approx(1.0, abs=0.15)
    assert all(torch.equal(network.state_dict()[k], v) for k, v in state.items())
    assert found.steps > 0


def test_the_constant_is_no_loss_and_the_best_step_is_kept():
    found = run(Line(), steps=100, lr=0.05)
    assert found.before == pytest.approx(0.6931, abs=1e-4)  # a constant logit knows nothing
    assert found.after < found.before


def test_training_that_does_not_help_is_undone():
    network = Line()
    nn.init.constant_(network.line.weight, 1.0)
    other = rows(2000, 0, shift=-1.0)  # teaches the opposite of what held-out rows say
    found = refit(network, train=other, held_out=rows(500, 1), fakes=fakes, steps=100, lr=0.05)
    assert found.steps == 0
    assert found.after == found.before
    assert float(found.network.line.weight) == 1.0


def test_no_steps_are_refused():
    with pytest.raises(UserError, match="0 steps"):
        run(Line(), steps=0)
