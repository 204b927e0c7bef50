import functools

import pytest
import pytorch_lightning as pl
import torch

from gan_lab.data.points import Ring
from gan_lab.latent import Normal
from gan_lab.model.gan import GAN
from gan_lab.networks.mlp import Critic, Generator
from gan_lab.objectives import Objective, rpgan
from gan_lab.regularizers import Regularizer
from gan_lab.regularizers.gradient import r1, r2


class Stop(pl.Callback):
    def __init__(self, steps):
        self.steps = steps

    def on_train_batch_end(self, trainer, pl_module, *_):
        trainer.should_stop = pl_module.steps >= self.steps


@pytest.fixture(scope="session")
def ring():
    data = Ring(n=400, batch_size=16)
    data.setup()
    return data


@pytest.fixture
def make_gan(ring):
    def make(**options):
        torch.manual_seed(1)
        prior = Normal(dim=3)
        adam = functools.partial(torch.optim.Adam, lr=1e-3, betas=(0.0, 0.99))
        parts = {
            "generator": Generator(ring.spec, prior.dim, width=8),
            "critic": Critic(ring.spec, width=8),
            "prior": prior,
            "spec": ring.spec,
            "objective": Objective(critic=rpgan.critic, generator=rpgan.generator),
            "regularizers": {"r1": Regularizer(r1, 0.5, 2), "r2": Regularizer(r2, 0.5, 2)},
            "generator_optimizer": adam,
            "critic_optimizer": adam,
        }
        return GAN(**{**parts, **options})

    return make


@pytest.fixture
def fit():
    def run(gan, data, steps=3, **options):
        data.batches_seen = lambda: gan.steps
        trainer = pl.Trainer(
            max_epochs=-1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, callbacks=[Stop(steps)], accelerator="cpu", **options
        )  # fmt: skip
        trainer.fit(gan, datamodule=data)
        return trainer

    return run
