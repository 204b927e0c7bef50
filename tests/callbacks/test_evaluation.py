from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from gan_lab.callbacks.evaluation import FLOOR, NAME, HeldOutDistance
from gan_lab.data.points import Ring
from gan_lab.errors import UserError
from gan_lab.latent import Normal


class Model:
    """Generates the rows it is given, whatever the latents."""

    def __init__(self, spec, rows):
        self.spec, self.rows, self.steps, self.last_terms = spec, rows, 0, {}
        self.device = torch.device("cpu")
        self.images_seen, self.log_every, self.run_seed = 0, 50, 0
        self.prior = Normal(2)
        self.given = 0

    def generate(self, z, label=None, *, ema=True):
        self.given += len(z)
        return self.rows[self.given - len(z) : self.given]


def trainer(data):
    return Mock(spec=pl.Trainer, datamodule=data)


@pytest.fixture(scope="module")
def ring():
    data = Ring(n=2000)
    data.setup()
    return data


def measured(ring, rows, steps=(250,)):
    callback, model = HeldOutDistance(every=250, n=300), Model(ring.spec, rows)
    callback.start(trainer(ring), model)
    for model.steps in steps:
        callback.step(trainer(ring), model)
    return model.last_terms


def test_the_population_is_near_the_floor_and_noise_is_not(ring):
    good = measured(ring, ring.train.x[:300])
    bad = measured(ring, torch.randn(300, 2) * 3)
    assert good[NAME] < 3 * good[FLOOR]
    assert bad[NAME] > 10 * bad[FLOOR]
    assert good[FLOOR] == bad[FLOOR] > 0


def test_it_measures_only_when_due(ring):
    assert measured(ring, ring.train.x, steps=(1, 249, 251)) == {}


def test_the_end_is_measured_once(ring):
    callback, model = HeldOutDistance(every=2, n=10), Model(ring.spec, ring.train.x)
    callback.start(trainer(ring), model)
    model.steps = 2
    callback.step(trainer(ring), model)
    callback.end(trainer(ring), model)
    assert model.given == 10
    model.steps = 3
    callback.end(trainer(ring), model)
    assert model.given == 20


@pytest.mark.parametrize("wrong", [{"every": 0}, {"n": 0}, {"directions": 0}])
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        HeldOutDistance(**wrong)
