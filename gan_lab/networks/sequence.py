"""What generators and critics around layers that run forward in time have in common."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.carried import Causal
from gan_lab.components.checks import check_choice
from gan_lab.components.conditioning import (
    CRITIC_CONDITIONING,
    GENERATOR_CONDITIONING,
    ConditionalNorm,
    LabelConcat,
    critic_head,
    route,
)
from gan_lab.errors import UserError
from gan_lab.spec import UNLABELLED, DataSpec, Labels
from gan_lab.types import Label

Core = Callable[[int], Causal]
"""Number of input channels to layers."""


class GlobalPart(nn.Module):
    """The latent's global coordinates and the label as one vector."""

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
