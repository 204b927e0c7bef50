"""The contract: who has a loss, which shapes are refused, and BEGAN's state."""

import copy
import pkgutil
from pathlib import Path

import pytest
import torch

from gan_lab import objectives
from gan_lab.config import CONFIG_DIR
from gan_lab.control import Control
from gan_lab.errors import UserError
from gan_lab.objectives import Loss, Objective, SampleLoss, hinge
from gan_lab.objectives.began import Balance, began
from gan_lab.objectives.energy_distance import energy_distance
from gan_lab.objectives.sinkhorn import sinkhorn

FAMILY = [
    "kl", "reverse_kl", "jensen_shannon", "pearson", "squared_hellinger", "total_variation",
]  # fmt: skip


def test_an_objective_needs_a_goal_for_every_player():
    with pytest.raises(UserError, match="the generator has no loss"):
        Objective()
    with pytest.raises(UserError, match="the generator has no loss"):
        Objective(critic=hinge.critic)
    with pytest.raises(UserError, match="the critic has no loss"):
        Objective(generator=hinge.generator)
    with pytest.raises(UserError, match="the generator has no loss"):
        Objective(critic=hinge.critic, samples=energy_distance)
    with pytest.raises(UserError, match="control follows"):
        Objective(samples=energy_distance, control=Balance())
    Objective(critic=hinge.critic, generator=hinge.generator, samples=energy_distance)


def test_a_loss_that_is_not_there_is_named():
    x, logit = torch.zeros(2, 3), torch.zeros(2)
    direct = Objective(samples=energy_distance)
    for side in ("critic", "generator"):
        with pytest.raises(UserError, match=f"{side} has no loss in this"):
            getattr(direct, f"{side}_loss")(real=logit, fake=logit)
    with pytest.raises(UserError, match="samples has no loss in this"):
        Objective(critic=hinge.critic, generator=hinge.generator).sample_loss(real=x, fake=x)


@pytest.mark.parametrize("side", ["critic_loss", "generator_loss"])
@pytest.mark.parametrize(
    ("real", "fake"),
    [((4,), (4, 1)), ((4, 1), (4,)), ((4, 1), (4, 1)), ((4,), (1,)), ((4,), (3,)), ((), ())],
)
def test_logits_that_would_broadcast_are_refused(adversarial, side, real, fake):
    with pytest.raises(UserError, match="one logit per sample"):
        getattr(adversarial[1], side)(real=torch.zeros(real), fake=torch.zeros(fake))


@pytest.mark.parametrize("side", ["critic", "generator"])
def test_the_bare_functions_carry_their_shapes_as_types(adversarial, side):
    with pytest.raises(Exception, match=r"shape|type"):
        getattr(adversarial[1], side)(real=torch.zeros(4), fake=torch.zeros(4, 1))


@pytest.mark.parametrize(("real", "fake"), [((4, 2), (3, 2)), ((4, 2), (4, 2, 1)), ((4,), (4,))])
def test_samples_of_different_shape_are_refused(direct, real, fake):
    with pytest.raises(UserError, match="expected one shape"):
        direct[1].sample_loss(real=torch.zeros(real), fake=torch.zeros(fake))


def test_one_loss_per_sample_comes_out(adversarial, direct):
    logit, x = -torch.rand(7), torch.rand(7, 2)
    assert adversarial[1].critic_loss(real=logit, fake=logit).shape == (7,)
    assert adversarial[1].generator_loss(real=logit, fake=logit).shape == (7,)
    assert direct[1].sample_loss(real=x, fake=x + 1).shape == (7,)


def test_a_users_loss_that_averages_is_told_so():
    mine = Objective(lambda real, fake: (fake - real).mean(), lambda real, fake: -fake)
    with pytest.raises(UserError, match=r"critic returned \(\); expected one loss per sample"):
        mine.critic_loss(real=torch.zeros(3), fake=torch.zeros(3))


def test_losses_are_of_the_protocols():
    assert isinstance(hinge.critic, Loss)
    assert isinstance(sinkhorn, SampleLoss)


def test_every_file_with_a_loss_has_a_yaml():
    texts = [path.read_text() for path in Path(CONFIG_DIR, "objectives").glob("*.yaml")]
    no_loss = {"objective", "kernel", "divergence"}
    files = {module.name for module in pkgutil.iter_modules(objectives.__path__)} - no_loss
    divergences = {f"divergence.{name}" for name in FAMILY}
    for name in files | divergences:
        assert any(f"gan_lab.objectives.{name}" in text for text in texts), name


def test_began_follows_the_papers_recursion():
    objective = began(diversity=0.5, gain=0.25)
    k = 0.0
    for real, fake in [(1.0, 0.2), (0.8, 0.1), (0.8, 2.0), (4.0, 0.1), (4.0, 0.1), (4.0, 0.1)]:
        logits = {"real": torch.full((3,), -real), "fake": torch.full((3,), -fake)}
        expected = torch.full((3,), real - k * fake)
        torch.testing.assert_close(objective.critic_loss(**logits), expected)
        objective.control.update(**logits, images=3)
        k = min(max(k + 0.25 * (0.5 * real - fake), 0.0), 1.0)
        assert float(objective.control.k) == pytest.approx(k)
    assert k == 1.0


def test_began_settles_where_the_energies_keep_their_ratio():
    """A critic that answers k with energy k on fakes and 1 on reals: k -> gamma, geometrically."""
    balance = Balance(diversity=0.3, gain=0.1)
    for _ in range(50):
        balance.update(real=-torch.ones(4), fake=-balance.k.expand(4), images=4)
    assert float(balance.k) == pytest.approx(0.3 * (1 - 0.9**50), rel=1e-5)


def test_balance_may_move_before_the_loss_is_differentiated():
    objective = began(gain=1.0)
    objective.control.k.fill_(0.5)
    logit = torch.full((2,), -1.0, requires_grad=True)
    loss = objective.critic_loss(real=logit.detach(), fake=logit).sum()
    objective.control.update(real=logit.detach(), fake=logit.detach() / 8, images=2)
    loss.backward()
    assert logit.grad.tolist() == [0.5, 0.5]
    assert not objective.control.k.requires_grad


def test_balance_is_state_and_copies_keep_their_own():
    objective = began()
    objective.control.load_state_dict({"k": torch.tensor(0.75)})
    other = copy.deepcopy(objective)
    objective.control.k.fill_(0.0)
    one = -torch.ones(1)
    assert isinstance(other.control, Control)
    assert float(other.critic_loss(real=one, fake=one)) == 0.25
    assert float(objective.critic_loss(real=one, fake=one)) == 1.0


@pytest.mark.parametrize("options", [{"diversity": 0.0}, {"diversity": 1.5}, {"gain": 0.0}])
def test_balance_refuses_senseless_numbers(options):
    with pytest.raises(UserError, match="began"):
        began(**options)
