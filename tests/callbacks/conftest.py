import math

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec


class ToyPrior:
    dim = 3

    def sample(self, n, generator=None):
        return torch.randn(n, 3, generator=generator)

    def log_prob(self, z):
        return -z.square().sum(1)

    def interpolate(self, start, end, t):
        return start[:, None] + t[None, :, None] * (end - start)[:, None]


class ToyGAN(pl.LightningModule):
    """Two optimizers, manual optimisation, the attributes that callbacks read."""

    def __init__(self, spec, conditional=False, log_every=2):
        super().__init__()
        self.automatic_optimization = False
        self.spec, self.prior, self.conditional = spec, ToyPrior(), conditional
        self.generator = nn.Linear(3, math.prod(spec.shape))
        self.critic = nn.Linear(3, 1)
        self.steps, self.images_seen, self.run_seed, self.log_every = 0, 0, 7, log_every
        self.last_terms = {}
        self.asked = []

    def configure_optimizers(self):
        return [torch.optim.SGD(n.parameters(), 0.01) for n in (self.generator, self.critic)]

    def training_step(self, batch, batch_idx):
        for optimizer, network in zip(
            self.optimizers(), (self.generator, self.critic), strict=True
        ):
            loss = network(torch.ones(4, 3)).square().mean()
            optimizer.zero_grad()
            self.manual_backward(loss)
            optimizer.step()
        self.steps += 1
        self.images_seen += len(batch)
        self.last_terms = {"loss/critic": loss.detach(), "loss/generator": 2 * loss.detach()}
        if self.steps > 3:
            self.last_terms["penalty/r1"] = torch.tensor(0.5)

    @torch.no_grad()
    def generate(self, z, label=None, *, ema=True):
        if self.conditional and label is None:
            raise UserError("label is missing")
        self.asked.append(label)
        shift = 0 if label is None else label[:, None] / 10
        x = torch.tanh(self.generator(z) + shift) + 0 * torch.rand(1)
        return x.view(len(z), *self.spec.shape)

    def on_save_checkpoint(self, checkpoint):
        checkpoint["gan_lab"] = {"steps": self.steps, "last_terms": dict(self.last_terms)}

    def on_load_checkpoint(self, checkpoint):
        self.steps = checkpoint["gan_lab"]["steps"]


class ToyData(pl.LightningDataModule):
    def __init__(self, spec, n=40):
        super().__init__()
        self.spec = spec
        label = torch.arange(n) % spec.num_classes if spec.num_classes else None
        x = torch.rand(n, *spec.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
        self.train = self.held_out = Samples(x, label, spec)

    def train_dataloader(self):
        return DataLoader(self.train.x, batch_size=8)


IMAGES = DataSpec("toy", "images", 1, (4, 4), classes=("a", "b"), bounds=(-1.0, 1.0))


@pytest.fixture
def images_spec():
    return IMAGES


@pytest.fixture
def fit(tmp_path):
    """Train a toy model with some callbacks; returns the trainer and the model."""

    def run(*callbacks, model=None, spec=IMAGES, ckpt_path=None, logger=False, **options):
        model = model or ToyGAN(spec, **options)
        trainer = pl.Trainer(
            max_epochs=-1,
            max_steps=-1,
            accelerator="cpu",
            logger=logger,
            callbacks=list(callbacks),
            default_root_dir=tmp_path,
            num_sanity_val_steps=0,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(model, datamodule=ToyData(spec), ckpt_path=ckpt_path)
        return trainer, model

    return run


@pytest.fixture
def toy():
    return ToyGAN
