"""Generators and critics for series around any layers that run forward in time."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.carried import Causal, State
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.cnn import convolution
from gan_lab.components.conditioning import (
    CRITIC_CONDITIONING,
    GENERATOR_CONDITIONING,
    ConditionalNorm,
    LabelConcat,
    critic_head,
    route,
)
from gan_lab.components.local_noise import LatentSplit
from gan_lab.components.perceptron import MLP, linear
from gan_lab.errors import UserError
from gan_lab.spec import UNLABELLED, DataSpec, Labels
from gan_lab.types import Label

Core = Callable[[int], Causal]
"""Number of input channels to layers."""


class GlobalPart(nn.Module):
    """The latent's global coordinates and the label as one vector, and the state that it sets."""

    def __init__(self, features: int, labels: Labels, conditioning: str) -> None:
        """Join the label, or modulate by it."""
        super().__init__()
        check_choice("conditioning", conditioning, GENERATOR_CONDITIONING)
        joined, film = route(labels, conditioning)
        self.join = LabelConcat(features, joined)
        self.film = ConditionalNorm("none", self.join.dim, 0, film)
        self.dim = self.join.dim

    def forward(self, g: Float[Tensor, "b g"], label: Label | None) -> Float[Tensor, "b e"]:
        """Global coordinates `(b, g)` and labels to `(b, dim)`."""
        vector: Tensor = self.film(self.join(g, label), label)
        return vector


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


class SelfFed(nn.Module):
    """Causal layers that read the series they write, one step after the other.

    The features of step t see the values before t and the latent's global part; the local noise of
    step t joins them in a perceptron that gives the value. So the state is a function of the
    values alone, and a given past sets it exactly. The value before the first is a linear map of
    the global part. Source of the feedback: Graves 2013, sec. 2; Mogren 2016 (C-RNN-GAN).

    Attributes:
        time: Steps of a series.
        local: Channels of noise.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        core: Core,
        *,
        local: int,
        width: int,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`; `core` makes them for a number of input channels.

        Raises:
            UserError: If the data are no series, or a number is out of range.
        """
        super().__init__()
        self.time, self.local = series_length(spec), local
        check_at_least(1, latent_dim=latent_dim, local=local, width=width)
        self.split = LatentSplit(latent_dim, local=local, steps=self.time)
        labels = spec.labels if conditional else UNLABELLED
        self.shared = GlobalPart(self.split.shared, labels, conditioning)
        self.before = linear(self.shared.dim, spec.channels, gain=0.5)
        self.core = core(self.shared.dim + spec.channels)
        size = self.core.state_size
        self.first = linear(self.shared.dim, size) if size else None
        self.emit = MLP(self.core.channels + local, spec.channels, width=width, depth=1)

    def begin(self, z: Float[Tensor, "b d"], label: Label | None = None) -> State:
        """The state before the first step: global part, last value, then that of the layers.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        context = self.shared(self.split.shared_part(z), label)
        numbers = context[:, :0] if self.first is None else self.first(context)
        return (context, self.before(context), *self.core.start(numbers))

    def noise(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b k t"]:
        """Noise of the steps of latents `(b, d)`: `(b, local, time)`."""
        return self.split.noise(z)

    def advance(
        self, noise: Float[Tensor, "b k t"], state: State
    ) -> tuple[Float[Tensor, "b c t"], State]:
        """The next t steps `(b, c, t)` and the state after them."""
        values = []
        for column in noise.unbind(2):
            features, state = self._read(state[1].unsqueeze(2), state)
            value = self.emit(torch.cat([features.squeeze(2), column.to(features.dtype)], dim=1))
            state = (state[0], value, *state[2:])
            values.append(value)
        return torch.stack(values, dim=2), state

    def warm(
        self, past: Float[Tensor, "b c t"], z: Float[Tensor, "b d"], label: Label | None = None
    ) -> State:
        """The state after `past` `(b, c, t)`, in model range; z gives the global part.

        Raises:
            UserError: If the past has no steps or other channels, or a label is missing.
        """
        state = self.begin(z, label)
        if past.shape[1] != state[1].shape[1] or past.shape[2] < 1:
            raise UserError(
                f"the past has shape {tuple(past.shape)}; expected (paths, {state[1].shape[1]} "
                "channels, 1 step or more)"
            )
        shown = torch.cat([state[1].unsqueeze(2), past[:, :, :-1].to(state[1].dtype)], dim=2)
        _, state = self._read(shown, state)
        return (state[0], past[:, :, -1].to(state[1].dtype), *state[2:])

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c t"]:
        """Latents `(b, d)` and labels `(b,)` to series `(b, c, time)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        return self.advance(self.noise(z), self.begin(z, label))[0]

    def _read(self, shown: Tensor, state: State) -> tuple[Tensor, State]:
        context = state[0].unsqueeze(2).expand(-1, -1, shown.shape[2])
        joined = torch.cat([context, shown.to(context.dtype)], dim=1)
        features, carried = self.core.advance(joined, state[2:])
        return features, (state[0], state[1], *carried)


class CausalCritic(nn.Module):
    """Causal layers over a series; their last and their mean features give one logit."""

    def __init__(
        self,
        spec: DataSpec,
        core: Core,
        *,
        spectral: bool = False,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the head from the layers that `core` makes for the channels of `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        super().__init__()
        series_length(spec)
        check_choice("conditioning", conditioning, CRITIC_CONDITIONING)
        self.core = core(spec.channels)
        self.feature_count = 2 * self.core.channels
        labels = spec.labels if conditional else UNLABELLED
        self.head = critic_head(self.feature_count, labels, conditioning, spectral=spectral)

    def features(self, x: Float[Tensor, "b c t"]) -> Float[Tensor, "b f"]:
        """What the head reads, `(b, feature_count)`."""
        steps, _ = self.core.advance(x, self.core.start(x[:, :0, 0]))
        return torch.cat([steps[:, :, -1], steps.mean(2)], dim=1)

    def forward(self, x: Float[Tensor, "b c t"], label: Label | None = None) -> Float[Tensor, " b"]:
        """Series `(b, c, t)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        logit: Tensor = self.head(self.features(x), label)
        return logit


def series_length(spec: DataSpec) -> int:
    """Steps of a series.

    Raises:
        UserError: If the data are no series.
    """
    if spec.modality != "series":
        raise UserError(
            f"{spec.name}: this network needs series, not {spec.modality}; "
            "choose networks=dcgan for images or networks=mlp for points"
        )
    return spec.spatial[0]
