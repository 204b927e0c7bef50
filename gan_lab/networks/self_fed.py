"""Generators that read the series that they write."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.carried import State
from gan_lab.components.checks import check_at_least
from gan_lab.components.local_noise import LatentSplit
from gan_lab.components.perceptron import MLP, linear
from gan_lab.errors import UserError
from gan_lab.networks.sequence import Core, GlobalPart, series_length
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


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
