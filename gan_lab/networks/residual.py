"""Residual pair after R3GAN (Huang et al. 2024) for images and series of any size."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.activations import activation_named
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.cnn import Enlarge, MinibatchStd, convolution
from gan_lab.components.conditioning import (
    CRITIC_CONDITIONING,
    GENERATOR_CONDITIONING,
    LabelConcat,
    critic_head,
    route,
)
from gan_lab.components.perceptron import linear
from gan_lab.components.pyramid import check_axes, pyramid, stage_widths
from gan_lab.components.residual import ResidualBlock, shrink
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class Generator(nn.Module):
    """Latent to a coarse map, then `blocks` residual blocks at every size; no normalisation."""

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 32,
        blocks: int = 1,
        expansion: int = 2,
        group_size: int = 16,
        activation: str = "leaky_relu",
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`; inner convolutions mix about `group_size` channels.

        Raises:
            UserError: If the data are points, or an argument is out of range.
        """
        super().__init__()
        check_axes(spec)
        check_at_least(1, latent_dim=latent_dim, width=width, blocks=blocks)
        check_choice("conditioning", conditioning, GENERATOR_CONDITIONING)
        labels = spec.labels if conditional else UNLABELLED
        joined, film = route(labels, conditioning)
        axes = len(spec.spatial)
        act = activation_named(activation)
        sizes = pyramid(spec.spatial)
        widths = stage_widths(width, len(sizes))[::-1]
        self.join = LabelConcat(latent_dim, joined)
        self.start = (widths[0], *sizes[0])
        self.project = linear(self.join.dim, math.prod(self.start))
        self.steps = nn.ModuleList()
        for stage, w in enumerate(widths):
            if stage:
                self.steps.append(convolution(widths[stage - 1], w, axes, kernel=1))
                self.steps.append(Enlarge(sizes[stage], "linear"))
            self.steps.extend(
                ResidualBlock(
                    w,
                    axes,
                    expansion=expansion,
                    group_size=group_size,
                    blocks=blocks * len(sizes),
                    labels=film,
                    activation=act,
                )
                for _ in range(blocks)
            )
        self.output = nn.Sequential(act(), convolution(widths[-1], spec.channels, axes))
        self.bound = nn.Tanh() if spec.modality == "images" else nn.Identity()

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Latents `(b, d)` and labels `(b,)` to samples `(b, c, *s)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        x = self.project(self.join(z, label)).unflatten(1, self.start)
        for step in self.steps:
            x = step(x, label) if isinstance(step, ResidualBlock) else step(x)
        sample: Tensor = self.bound(self.output(x))
        return sample


class Critic(nn.Module):
    """`blocks` residual blocks at every size, halved by averaging; the coarsest gives a logit."""

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 32,
        blocks: int = 1,
        expansion: int = 2,
        group_size: int = 16,
        activation: str = "leaky_relu",
        spectral: bool = False,
        minibatch_std: bool = False,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`; inner convolutions mix about `group_size` channels.

        Raises:
            UserError: If the data are points, or an argument is out of range.
        """
        super().__init__()
        check_axes(spec)
        check_at_least(1, width=width, blocks=blocks)
        check_choice("conditioning", conditioning, CRITIC_CONDITIONING)
        axes = len(spec.spatial)
        act = activation_named(activation)
        sizes = pyramid(spec.spatial)
        widths = stage_widths(width, len(sizes))
        layers = [convolution(spec.channels, widths[0], axes, spectral=spectral)]
        for stage, w in enumerate(widths):
            if stage:
                layers += [
                    shrink(axes),
                    convolution(widths[stage - 1], w, axes, kernel=1, spectral=spectral),
                ]
            layers += [
                ResidualBlock(
                    w,
                    axes,
                    expansion=expansion,
                    group_size=group_size,
                    blocks=blocks * len(sizes),
                    activation=act,
                    spectral=spectral,
                )
                for _ in range(blocks)
            ]
        self.body = nn.Sequential(*layers, act())
        self.spread = MinibatchStd() if minibatch_std else nn.Identity()
        self.feature_count = (widths[-1] + minibatch_std) * math.prod(sizes[0])
        labels = spec.labels if conditional else UNLABELLED
        self.head = critic_head(self.feature_count, labels, conditioning, spectral=spectral)

    def features(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b f"]:
        """What the head reads, `(b, feature_count)`."""
        return torch.flatten(self.spread(self.body(x)), 1)

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Samples `(b, c, *s)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        logit: Tensor = self.head(self.features(x), label)
        return logit
