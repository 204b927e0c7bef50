"""A small network that guesses the latent of a sample, as a start for an inversion."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from gan_lab.atomic import write_atomically
from gan_lab.components.cnn import convolution
from gan_lab.components.perceptron import MLP
from gan_lab.explore.output import Decode
from gan_lab.spec import DataSpec
from gan_lab.types import Prior

FORMAT = "encoder 1"
LATENT = 0.1
EXPLAINED = "explained"
STEPS, BATCH, RATE = 1500, 128, 2e-3
CHECKED = 512


class Encoder(nn.Module):
    """Samples `(b, c, *s)` to latents `(b, d)`, not yet on the prior's support.

    Images and series pass two strided convolutions and a perceptron, points the perceptron alone.
    """

    def __init__(self, spec: DataSpec, latent_dim: int, *, width: int = 32) -> None:
        """Size the layers from `spec`.

        Args:
            spec: What the samples look like.
            latent_dim: Number of coordinates of a latent.
            width: Channels of the first convolution.
        """
        super().__init__()
        layers: list[nn.Module] = []
        shape, channels = list(spec.spatial), spec.channels
        for after in (width, 2 * width) if min(spec.spatial, default=0) >= 8 else ():
            layers += [
                convolution(channels, after, len(shape), kernel=4, stride=2),
                nn.LeakyReLU(0.2),
            ]
            channels, shape = after, [size // 2 for size in shape]
        flat = channels * math.prod(shape)
        self.body = nn.Sequential(*layers, nn.Flatten(1))
        self.head = MLP(flat, latent_dim, width=8 * width, depth=1)

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """Guess the latents."""
        z: Tensor = self.head(self.body(x))
        return z


@dataclass(frozen=True, eq=False)
class FittedEncoder:
    """A trained encoder.

    Attributes:
        network: The encoder, in evaluation mode.
        explained: Share of the samples' variance that comes back, on fresh ones; at most 1.
    """

    network: Encoder
    explained: float

    @torch.no_grad()
    def __call__(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """Guessed latents `(b, d)`, as starts for `invert`."""
        z: Tensor = self.network(x)
        return z


def fit_encoder(
    decoders: Sequence[Decode],
    prior: Prior,
    spec: DataSpec,
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> FittedEncoder:
    r"""Learn to bring samples back: their look, and a little of their latents.

    $$ \min_E \; \mathbb{E} \frac{\|g(E(g(z))) - g(z)\|^2}{\mathrm{var}\, g}
       + 0.1 \, \mathbb{E} \frac{\|E(g(z)) - z\|^2}{\mathrm{var}\, z} $$

    Many latents may look alike, so that the latent alone would teach an average of them. Pairs are
    drawn anew at every step; labels take turns.

    Args:
        decoders: One per label; one alone for an unconditional generator.
        prior: Where latents come from.
        spec: What the samples look like.
        steps: Steps of Adam at 128 pairs each, with a cosine from 0.002 to 0.
        seed: Seed of weights and pairs.
        progress: Told the share that is done.

    Source: Zhu et al. 2020, arXiv 2004.00049, sec. 3.1, on generated samples and without a critic.
    """
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Encoder(spec, prior.dim)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps))
    for step in range(steps):
        decode = decoders[step % len(decoders)]
        z, x = _pairs(decode, prior, BATCH, rng)
        optimizer.zero_grad()
        torch.autograd.backward(_loss(network(x), decode, z, x))
        optimizer.step()
        schedule.step()
        if progress is not None:
            progress((step + 1) / steps)
    network.eval().requires_grad_(False)
    return FittedEncoder(network, _explained(network, decoders, prior, rng))


def remembered_encoder(
    folder: Path,
    weights: str,
    decoders: Sequence[Decode],
    prior: Prior,
    spec: DataSpec,
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> FittedEncoder:
    """`fit_encoder`, or what it gave the last time for the same generator.

    Args:
        folder: Where `encoder-KEY.safetensors` lies.
        weights: Digest of the generator's weights.
        decoders: One per label.
        prior: Where latents come from.
        spec: What the samples look like.
        steps: Steps of the training.
        seed: Seed of the training.
        progress: Told the share that is done.

    Raises:
        UserError: If the folder cannot be written.
    """
    parts = (FORMAT, weights, str(steps), str(seed), str(len(decoders)), torch.__version__)
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    path = folder / f"encoder-{key}.safetensors"
    known = _read(path, spec, prior.dim)
    if known is not None:
        return known
    found = fit_encoder(decoders, prior, spec, steps=steps, seed=seed, progress=progress)
    state = {name: value.contiguous() for name, value in found.network.state_dict().items()}
    write_atomically(
        path, save({**state, EXPLAINED: torch.tensor(found.explained, dtype=torch.float64)})
    )
    return found


def _loss(
    found: Float[Tensor, "n d"],
    decode: Decode,
    z: Float[Tensor, "n d"],
    x: Float[Tensor, "n c *s"],
) -> Float[Tensor, ""]:
    with torch.backends.cudnn.flags(enabled=False):
        look = (decode(found).cpu() - x).square().mean() / x.var(0).mean().clamp_min(1e-12)
    return look + LATENT * (found - z).square().mean() / z.var(0).mean()


@torch.no_grad()
def _pairs(
    decode: Decode, prior: Prior, n: int, rng: torch.Generator
) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c *s"]]:
    z = prior.sample(n, rng)
    return z, decode(z).cpu()


@torch.no_grad()
def _explained(
    network: Encoder, decoders: Sequence[Decode], prior: Prior, rng: torch.Generator
) -> float:
    gap, spread = 0.0, 0.0
    for decode in decoders:
        _, x = _pairs(decode, prior, -(-CHECKED // len(decoders)), rng)
        gap += float((decode(network(x)).cpu() - x).square().mean())
        spread += float(x.var(0, correction=0).mean())
    return 1 - gap / spread if spread > 0 else 0.0


def _read(path: Path, spec: DataSpec, latent_dim: int) -> FittedEncoder | None:
    with torch.random.fork_rng(devices=[]):
        network = Encoder(spec, latent_dim)
    try:
        state = load(path.read_bytes())
        explained = float(state.pop(EXPLAINED))
        network.load_state_dict(state)
    except (OSError, SafetensorError, KeyError, RuntimeError):
        # A torn file is as good as none: it is written again.
        return None
    return FittedEncoder(network.eval().requires_grad_(False), explained)
