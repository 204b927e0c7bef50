"""Multilayer perceptrons for points, images and series: the plainest pair."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.activations import activation_named
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.conditioning import (
    CRITIC_CONDITIONING,
    GENERATOR_CONDITIONING,
    LabelConcat,
    critic_head,
    route,
)
from gan_lab.components.perceptron import MLP, Perceptron
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class Generator(nn.Module):
    """Latent through `depth` hidden layers to a flat sample, reshaped; images end in tanh."""

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 128,
        depth: int = 3,
        activation: str = "leaky_relu",
        norm: str = "none",
        dropout: float = 0.0,
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If an argument is out of range; the message says what is expected.
        """
        super().__init__()
        check_at_least(1, latent_dim=latent_dim, width=width, depth=depth)
        check_choice("conditioning", conditioning, GENERATOR_CONDITIONING)
        labels = spec.labels if conditional else UNLABELLED
        joined, film = route(labels, conditioning)
        self.shape = spec.shape
        self.join = LabelConcat(latent_dim, joined)
        self.body = MLP(
            self.join.dim,
            math.prod(spec.shape),
            width=width,
            depth=depth,
            activation=activation_named(activation),
            norm=norm,
            dropout=dropout,
            labels=film,
        )
        self.bound = nn.Tanh() if spec.modality == "images" else nn.Identity()

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Latents `(b, d)` and labels `(b,)` to samples `(b, c, *s)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        flat = self.body(self.join(z, label), label)
        x: Tensor = self.bound(flat).unflatten(1, self.shape)
        return x


class Critic(nn.Module):
    """Flat sample through `depth` hidden layers to one logit."""

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 128,
        depth: int = 3,
        activation: str = "leaky_relu",
        norm: str = "none",
        dropout: float = 0.0,
        spectral: bool = False,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If an argument is out of range; the message says what is expected.
        """
        super().__init__()
        check_at_least(1, width=width, depth=depth)
        check_choice("conditioning", conditioning, CRITIC_CONDITIONING)
        sizes = [math.prod(spec.shape), *[width] * depth]
        self.body = nn.Sequential(
            *(
                Perceptron(
                    n,
                    width,
                    activation=activation_named(activation),
                    norm=norm,
                    dropout=dropout,
                    spectral=spectral,
                )
                for n in sizes[:-1]
            )
        )
        self.feature_count = width
        labels = spec.labels if conditional else UNLABELLED
        self.head = critic_head(width, labels, conditioning, spectral=spectral)

    def features(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b f"]:
        """What the head reads, `(b, feature_count)`."""
        features: Tensor = self.body(torch.flatten(x, 1))
        return features

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Samples `(b, c, *s)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        logit: Tensor = self.head(self.features(x), label)
        return logit
