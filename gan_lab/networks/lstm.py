"""Recurrent pair for series: LSTM, GRU or plain recurrent cells."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.conditioning import CRITIC_CONDITIONING, critic_head
from gan_lab.components.gates import GRUTrace, LSTMTrace
from gan_lab.components.lstm import Recurrent
from gan_lab.networks.noise_driven import NoiseDriven
from gan_lab.networks.self_fed import SelfFed
from gan_lab.networks.sequence import series_length
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class Generator(NoiseDriven):
    """Noise and the latent's global part through recurrent layers: any length."""

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 64,
        layers: int = 1,
        cell: str = "lstm",
        local: int = 1,
        path: int = 0,
        repeat: bool = True,
        dropout: float = 0.0,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        check_at_least(1, width=width, layers=layers)
        core = partial(Recurrent, hidden=width, cell=cell, layers=layers, dropout=dropout)
        super().__init__(
            spec, latent_dim, core, local=local, stateful=True, path=path, repeat=repeat,
            conditional=conditional, conditioning=conditioning,
        )  # fmt: skip

    def trace(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> tuple[LSTMTrace, ...] | tuple[GRUTrace, ...]:
        """Gates and states of every layer, `(b, width, t)`, while `forward(z, label)` runs.

        Raises:
            UserError: If the cell has no gates, or a label is missing.
        """
        state = self.begin(z, label)
        assert isinstance(self.core, Recurrent)
        return self.core.trace(self.inputs(self.noise(z), state), state[1:])


class SelfFedGenerator(SelfFed):
    """Recurrent layers over the series itself: any length, and it continues a given past."""

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 64,
        layers: int = 1,
        cell: str = "lstm",
        local: int = 1,
        dropout: float = 0.0,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are no series, or an argument is out of range.
        """
        check_at_least(1, width=width, layers=layers)
        core = partial(Recurrent, hidden=width, cell=cell, layers=layers, dropout=dropout)
        super().__init__(
            spec, latent_dim, core, local=local, width=width,
            conditional=conditional, conditioning=conditioning,
        )  # fmt: skip


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
        series_length(spec)
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
