import pytest
import torch
from torch import nn

from gan_lab.regularizers import Judge, Turn

SHAPES = {"points": (2,), "series": (3, 8), "images": (1, 5, 7)}


class SmallCritic(nn.Module):
    """Smooth, so that second derivatives exist everywhere."""

    feature_count = 5

    def __init__(self, inputs):
        super().__init__()
        self.hidden = nn.Linear(inputs, self.feature_count)
        self.head = nn.Linear(self.feature_count, 1)

    def features(self, x, label=None):
        return torch.tanh(self.hidden(x.flatten(1)))

    def forward(self, x, label=None):
        return self.head(self.features(x)).squeeze(1)


class SmallGenerator(nn.Module):
    def __init__(self, latents, shape):
        super().__init__()
        self.hidden = nn.Linear(latents, 6)
        self.output = nn.Linear(6, torch.Size(shape).numel())
        self.shape = shape

    def forward(self, z, label=None):
        return self.output(torch.tanh(self.hidden(z))).unflatten(1, self.shape)


class Game:
    """One pair of networks and their data; `turn` is a pure function of their parameters."""

    def __init__(self, shape, batch, dtype):
        torch.manual_seed(3)
        self.generator = SmallGenerator(4, shape).to(dtype)
        self.critic = SmallCritic(torch.Size(shape).numel()).to(dtype)
        self.z = torch.randn(batch, 4, dtype=dtype)
        self.real = torch.randn(batch, *shape, dtype=dtype)

    def network(self, side):
        return self.generator if side == "generator" else self.critic

    def turn(self, side="critic"):
        judge = Judge(self.critic)
        with torch.set_grad_enabled(side == "generator"):
            fake = self.generator(self.z)
        return Turn(
            network=self.network(side),
            critic=judge,
            generator=self.generator,
            view=lambda x: x,
            z=self.z,
            real=self.real,
            fake=fake,
            real_logit=judge(self.real),
            fake_logit=judge(fake),
            label=None,
            rng=torch.Generator().manual_seed(0),
        )


@pytest.fixture(params=SHAPES.values(), ids=SHAPES.keys())
def shape(request):
    """One sample's shape in each modality."""
    return request.param


@pytest.fixture
def make_game():
    def make(shape=(3, 8), batch=6, dtype=torch.float32):
        return Game(shape, batch, dtype)

    return make
