from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from gan_lab.callbacks.memorisation import AUC, CHANCE, MemorisationOnset
from gan_lab.data.points import Ring
from gan_lab.errors import UserError
from gan_lab.model.gan import GAN


class Knowing(nn.Module):
    """Logit 1 for the rows it knows; only in evaluation mode, as dropout would have it."""

    def __init__(self, rows):
        super().__init__()
        self.known = {tuple(row.tolist()) for row in rows}

    def forward(self, x, label):
        assert not self.training
        return torch.tensor([float(tuple(row.tolist()) in self.known) for row in x])


@pytest.fixture(scope="module")
def ring():
    data = Ring(n=800)
    data.setup()
    return data


def measured(ring, critic, steps=(10,), objective=True, **options):
    model = Mock(spec=GAN, pack=1, last_terms={}, critic=critic, device=torch.device("cpu"))
    model.steps, model.objective = 0, Mock(critic=critic if objective else None)
    trainer = Mock(spec=pl.Trainer, datamodule=ring, is_global_zero=True)
    callback = MemorisationOnset(every=10, n=100, **options)
    callback.start(trainer, model)
    for model.steps in steps:
        callback.step(trainer, model)
    return {k: float(v) for k, v in model.last_terms.items()}


def test_a_critic_that_knows_its_rows(ring):
    critic = Knowing(ring.train.x).train()
    found = measured(ring, critic)
    assert found[AUC] == 1.0
    assert 0.55 < found[CHANCE] < 0.65
    assert critic.training


def test_a_critic_that_knows_nothing_stays_at_chance(ring):
    assert measured(ring, Knowing([]))[AUC] == 0.5


def test_it_measures_only_when_due_and_only_a_critic(ring):
    assert measured(ring, Knowing([]), steps=(1, 9, 11)) == {}
    assert measured(ring, Knowing([]), objective=False) == {}


@pytest.mark.parametrize("wrong", [{"every": 0}, {"n": 0}])
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        MemorisationOnset(**wrong)
