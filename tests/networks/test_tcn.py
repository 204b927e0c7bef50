import pytest
import torch

from gan_lab.components.causal import steps_back
from gan_lab.errors import UserError
from gan_lab.networks import tcn
from gan_lab.spec import DataSpec

SPEC = DataSpec("demo", "series", 3, (20,), ("a", "b"))
LABEL = torch.tensor([0, 1])


@torch.no_grad()
def test_noise_reaches_the_receptive_field_and_no_further():
    generator = tcn.Generator(SPEC, 26, width=8, levels=2, repeat=False, conditional=False).eval()
    back = steps_back(2, 2)
    z = torch.randn(1, 26)
    moved = z.clone()
    moved[0, back + 5] += 3  # noise of step 5, after the lead
    changed = (generator(moved) - generator(z)).abs().amax((0, 1)) > 0
    assert changed.nonzero().flatten().tolist() == list(range(5, 5 + back + 1))


@torch.no_grad()
def test_lead_fills_the_past_of_the_first_step():
    generator = tcn.Generator(SPEC, 26, width=8, levels=2, repeat=False, conditional=False).eval()
    z = torch.randn(1, 26)
    moved = z.clone()
    moved[0, 0] += 3  # the oldest noise of the lead
    changed = (generator(moved) - generator(z)).abs().amax((0, 1)) > 0
    assert changed.nonzero().flatten().tolist() == [0]


@pytest.mark.parametrize("option", [{}, {"weight_norm": True}, {"spectral": True}])
def test_critic_can_be_differentiated_twice(option):
    critic = tcn.Critic(SPEC, width=8, **option)
    x = torch.randn(2, 3, 20, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(x, LABEL).sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert (slope.abs().amax((0, 1)) > 0).all()
    grads = [p.grad for p in critic.parameters() if p.grad is not None]
    assert sum(g.abs().sum() for g in grads) > 0
    assert all(g.isfinite().all() for g in grads)


@pytest.mark.parametrize("conditioning", ["projection", "concat"])
@torch.no_grad()
def test_critic_reads_the_label(conditioning):
    critic = tcn.Critic(SPEC, width=8, conditioning=conditioning)
    logit = critic(torch.randn(1, 3, 20).expand(2, -1, -1), LABEL)
    assert (logit[0] - logit[1]).abs() > 1e-5


@pytest.mark.parametrize(("modality", "spatial"), [("points", ()), ("images", (8, 8))])
def test_refuses_what_is_no_series(modality, spatial):
    spec = DataSpec("demo", modality, 3, spatial)
    for make in (tcn.Critic, lambda s: tcn.Generator(s, 4)):
        with pytest.raises(UserError, match="needs series"):
            make(spec)


def test_without_a_global_part_a_label_reaches_nothing():
    with pytest.raises(UserError, match="set repeat=true or conditional=false"):
        tcn.Generator(SPEC, 26, repeat=False)


def test_wrong_arguments_name_the_right_ones():
    with pytest.raises(UserError, match="kernel is 0"):
        tcn.Generator(SPEC, 9, kernel=0)
    with pytest.raises(UserError, match="expected one of concat, film"):
        tcn.Generator(SPEC, 9, conditioning="sum")
