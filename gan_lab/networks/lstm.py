"""Recurrent pair for series."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

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
from gan_lab.components.lstm import Recurrent
from gan_lab.components.perceptron import linear
from gan_lab.errors import UserError
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class Generator(nn.Module):
    """Latent, repeated at every time, through an LSTM and one linear layer per time.

    Besides the repeated latent each time gets `path` channels of its own, a linear map of the
    latent: a constant input alone would give every series the same kind of transient. All
    randomness stays in the latent, so that it can be interpolated and exported.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 64,
        layers: int = 1,
        cell: str = "lstm",
        path: int = 8,
        dropout: float = 0.0,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`; `path=0` leaves the repeated latent alone.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        super().__init__()
        time = _length(spec)
        check_at_least(1, latent_dim=latent_dim, width=width, layers=layers)
        check_at_least(0, path=path)
        check_choice("conditioning", conditioning, GENERATOR_CONDITIONING)
        labels = spec.labels if conditional else UNLABELLED
        joined, film = route(labels, conditioning)
        self.time = time
        self.join = LabelConcat(latent_dim, joined)
        self.path = linear(self.join.dim, path * time) if path else None
        self.recurrent = Recurrent(
            self.join.dim + path, width, cell=cell, layers=layers, dropout=dropout
        )
        self.film = ConditionalNorm("none", width, 1, film)
        self.output = convolution(width, spec.channels, 1, kernel=1)

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c t"]:
        """Latents `(b, d)` and labels `(b,)` to series `(b, c, t)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        z = self.join(z, label)
        steps = z.unsqueeze(2).expand(-1, -1, self.time)
        if self.path is not None:
            steps = torch.cat([steps, self.path(z).unflatten(1, (-1, self.time))], dim=1)
        states, _ = self.recurrent(steps)
        x: Tensor = self.output(self.film(states, label))
        return x


class Critic(nn.Module):
    """LSTM over time, by default both ways; its last and its mean state give one logit."""

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 64,
        layers: int = 1,
        cell: str = "lstm",
        bidirectional: bool = True,
        dropout: float = 0.0,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        super().__init__()
        _length(spec)
        check_at_least(1, width=width, layers=layers)
        check_choice("conditioning", conditioning, CRITIC_CONDITIONING)
        self.recurrent = Recurrent(
            spec.channels,
            width,
            cell=cell,
            layers=layers,
            bidirectional=bidirectional,
            dropout=dropout,
            twice_differentiable=True,
        )
        self.feature_count = 2 * self.recurrent.channels
        labels = spec.labels if conditional else UNLABELLED
        self.head = critic_head(self.feature_count, labels, conditioning)

    def features(self, x: Float[Tensor, "b c t"]) -> Float[Tensor, "b f"]:
        """What the head reads, `(b, feature_count)`."""
        states, last = self.recurrent(x)
        return torch.cat([last, states.mean(2)], dim=1)

    def forward(self, x: Float[Tensor, "b c t"], label: Label | None = None) -> Float[Tensor, " b"]:
        """Series `(b, c, t)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        logit: Tensor = self.head(self.features(x), label)
        return logit


def _length(spec: DataSpec) -> int:
    if spec.modality != "series":
        raise UserError(
            f"{spec.name}: a recurrent network needs series, not {spec.modality}; "
            "choose networks=dcgan for images or networks=mlp for points"
        )
    return spec.spatial[0]
