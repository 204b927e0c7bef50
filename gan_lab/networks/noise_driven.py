"""Generators that turn noise at every step into a series."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.carried import State
from gan_lab.components.checks import check_at_least
from gan_lab.components.cnn import convolution
from gan_lab.components.local_noise import LatentSplit
from gan_lab.components.perceptron import linear
from gan_lab.errors import UserError
from gan_lab.networks.sequence import Core, GlobalPart, series_length
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class NoiseDriven(nn.Module):
    """Noise at every step through causal layers, then one linear layer per step.

    The latent is split: its local part is the noise of the steps; its global part, with the label,
    sets the first state where the layers have one to set and, with `repeat`, is read at every
    step; without either, all of the latent is local. Layers that begin in silence first run
    through `lead` steps of noise, so that no step is special. `path` adds channels that are learned
    linear maps of the whole latent: a signal of the training length, where local noise is alike at
    all steps.

    Attributes:
        time: Steps of a series.
        local: Channels that drive the layers: noise and path.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        core: Core,
        *,
        local: int,
        stateful: bool = False,
        lead: int = 0,
        path: int = 0,
        repeat: bool = True,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Args:
            spec: What the data look like.
            latent_dim: Number of coordinates of a latent.
            core: Makes the layers for a number of input channels.
            local: Channels of noise.
            stateful: Whether the layers have a first state that can be set.
            lead: Steps of noise before the first step.
            path: Channels that are learned maps of the latent; only with a `lead` of 0.
            repeat: Whether every step reads the global part.
            conditional: Whether labels are used.
            conditioning: How a label joins the global part: concat or film.

        Raises:
            UserError: If the data are no series, or nothing would drive the layers.
        """
        super().__init__()
        self.time, self.lead = series_length(spec), lead
        check_at_least(1, latent_dim=latent_dim)
        check_at_least(0, path=path)
        if not (local or path or repeat):
            raise UserError("local and path are 0 and repeat is false; the layers need an input")
        self.repeat, self.local = repeat, local + path
        labels = spec.labels if conditional else UNLABELLED
        reads = repeat or stateful
        if labels and not reads:
            raise UserError(
                "repeat is false and these layers have no first state to set, so that a label "
                "would reach nothing; set repeat=true or conditional=false"
            )
        self.split = LatentSplit(latent_dim, local=local, steps=lead + self.time, with_global=reads)
        self.shared = GlobalPart(self.split.shared, labels, conditioning)
        self.path = linear(latent_dim, path * self.time) if path else None
        self.core = core(self.local + (self.shared.dim if repeat else 0))
        size = self.core.state_size
        self.first = linear(self.shared.dim, size) if size else None
        self.output = convolution(self.core.channels, spec.channels, 1, kernel=1)

    def begin(self, z: Float[Tensor, "b d"], label: Label | None = None) -> State:
        """The state before the first step: what every step reads, then that of the layers.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        context = self.shared(self.split.shared_part(z), label)
        numbers = context[:, :0] if self.first is None else self.first(context)
        state = (context, *self.core.start(numbers))
        if self.lead:
            _, state = self._features(self.split.noise(z)[:, :, : self.lead], state)
        return state

    def noise(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b k t"]:
        """What drives the steps of latents `(b, d)`: `(b, local, time)`."""
        noise = self.split.noise(z)[:, :, self.lead :]
        if self.path is None:
            return noise
        signal: Tensor = self.path(z).unflatten(1, (-1, self.time))
        return torch.cat([noise, signal.to(noise.dtype)], dim=1)

    def inputs(self, noise: Float[Tensor, "b k t"], state: State) -> Float[Tensor, "b i t"]:
        """What the layers read: noise and, with `repeat`, the global part, `(b, i, t)`."""
        if not self.repeat:
            return noise
        context = state[0].unsqueeze(2).expand(-1, -1, noise.shape[2])
        return torch.cat([context, noise.to(context.dtype)], dim=1)

    def advance(
        self, noise: Float[Tensor, "b k t"], state: State
    ) -> tuple[Float[Tensor, "b c t"], State]:
        """The next t steps `(b, c, t)` and the state after them."""
        features, state = self._features(noise, state)
        return self.output(features), state

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c t"]:
        """Latents `(b, d)` and labels `(b,)` to series `(b, c, time)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        return self.advance(self.noise(z), self.begin(z, label))[0]

    def _features(self, noise: Tensor, state: State) -> tuple[Tensor, State]:
        features, carried = self.core.advance(self.inputs(noise, state), state[1:])
        return features, (state[0], *carried)
