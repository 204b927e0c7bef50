"""LeCam and the running means it is anchored to."""

import copy

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.regularizers.lecam import LeCam
from gan_lab.regularizers.running_mean import RunningMean


def test_running_mean_is_the_mean_at_first_and_then_forgets():
    batches = torch.randn(40, 7)
    mean = RunningMean(0.9)
    for k, batch in enumerate(batches[:10], start=1):
        torch.testing.assert_close(mean.update(batch), batches[:k].mean())
    for batch in batches[10:]:
        before = mean.value
        torch.testing.assert_close(mean.update(batch), 0.9 * before + 0.1 * batch.mean())


def test_running_mean_carries_no_graph():
    mean = RunningMean(0.5)
    assert not mean.update(torch.randn(3, requires_grad=True)).requires_grad


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_decay_is_checked(decay):
    with pytest.raises(UserError, match="decay"):
        LeCam(decay=decay)


def test_lecam_by_hand():
    # decay 0.5: anchors are 2, 1 after the first step, their half-way points afterwards.
    lecam = LeCam(decay=0.5)
    first = lecam(real_logit=torch.tensor([1.0, 3.0]), fake_logit=torch.tensor([0.0, 2.0]))
    assert first.tolist() == [(1 - 1) ** 2 + (2 - 0) ** 2, (3 - 1) ** 2 + (2 - 2) ** 2]
    second = lecam(real_logit=torch.tensor([4.0, 4.0]), fake_logit=torch.tensor([-1.0, -3.0]))
    real, fake = (2 + 4) / 2, (1 - 2) / 2
    assert second.tolist() == [(4 - fake) ** 2 + (real + 1) ** 2, (4 - fake) ** 2 + (real + 3) ** 2]
    third = lecam(real_logit=torch.tensor([0.0]), fake_logit=torch.tensor([0.0]))
    assert third.tolist() == [(fake / 2) ** 2 + (real / 2) ** 2]


def test_one_sided_lecam_leaves_a_fooled_critic_alone():
    real, fake = torch.tensor([-1.0, -3.0]), torch.tensor([2.0, 4.0])
    assert LeCam(one_sided=True)(real_logit=real, fake_logit=fake).eq(0).all()
    assert LeCam()(real_logit=real, fake_logit=fake).gt(0).all()
    apart = {"real_logit": fake, "fake_logit": real}
    assert torch.equal(LeCam(one_sided=True)(**apart), LeCam()(**apart))


def test_gradient_treats_the_anchors_as_constants():
    real, fake = (torch.randn(6, requires_grad=True) for _ in range(2))
    lecam = LeCam()
    lecam(real_logit=torch.randn(6), fake_logit=torch.randn(6))
    value = lecam(real_logit=real, fake_logit=fake).sum()
    slope_real, slope_fake = torch.autograd.grad(value, (real, fake))
    torch.testing.assert_close(slope_real, 2 * (real - lecam.fake_anchor.value))
    torch.testing.assert_close(slope_fake, 2 * (fake - lecam.real_anchor.value))


def test_a_restored_lecam_goes_on_where_it_was():
    logits = torch.randn(12, 2, 5)
    lecam = LeCam(decay=0.8)
    for real, fake in logits[:6]:
        lecam(real_logit=real, fake_logit=fake)
    restored = LeCam(decay=0.8)
    restored.load_state_dict(copy.deepcopy(lecam.state_dict()))
    for real, fake in logits[6:]:
        expected = lecam(real_logit=real, fake_logit=fake)
        assert torch.equal(restored(real_logit=real, fake_logit=fake), expected)
    assert restored.real_anchor.count == 12
