"""Convolutional pair after DCGAN (Radford et al. 2016) for images and series of any size."""

import math
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.activations import activation_named
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.cnn import ConvBlock, MinibatchStd, UpBlock, UpConv, convolution
from gan_lab.components.conditioning import (
    CRITIC_CONDITIONING,
    GENERATOR_CONDITIONING,
    ConditionalNorm,
    LabelConcat,
    critic_head,
    route,
)
from gan_lab.components.perceptron import linear
from gan_lab.components.pyramid import check_axes, pyramid, stage_widths
from gan_lab.spec import UNLABELLED, DataSpec
from gan_lab.types import Label


class Generator(nn.Module):
    """Latent to a coarse map of features, doubled step by step to the size of the data.

    The map at half the data's size has `width` channels and each coarser one twice as many, up to
    `8 * width`. Features at full size cost most, so they are few: `detail` channels, read by a
    last 3-wide convolution; with `detail=0` the last doubling gives the sample itself. Odd sizes
    are met exactly: every map is cut to the size that the next one needs.
    """

    def __init__(
        self,
        spec: DataSpec,
        latent_dim: int,
        *,
        width: int = 48,
        detail: int = 16,
        norm: str = "batch",
        activation: str = "relu",
        upsample: str = "nearest",
        conditional: bool = True,
        conditioning: str = "concat",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are points, or an argument is out of range.
        """
        super().__init__()
        check_axes(spec)
        check_at_least(1, latent_dim=latent_dim, width=width)
        check_at_least(0, detail=detail)
        check_choice("conditioning", conditioning, GENERATOR_CONDITIONING)
        labels = spec.labels if conditional else UNLABELLED
        joined, film = route(labels, conditioning)
        axes = len(spec.spatial)
        act = activation_named(activation)
        sizes = pyramid(spec.spatial)
        maps = sizes[:-1] or sizes
        widths = stage_widths(width, len(maps))[::-1]
        if detail and maps != sizes:
            maps, widths = sizes, [*widths, detail]
        self.join = LabelConcat(latent_dim, joined)
        self.start = (widths[0], *sizes[0])
        self.project = linear(self.join.dim, math.prod(self.start))
        self.first = ConditionalNorm(norm, widths[0], axes, film)
        self.activation = act()
        self.rise = nn.ModuleList(
            UpBlock(i, o, s, method=upsample, norm=norm, labels=film, activation=act)
            for (i, o), s in zip(pairwise(widths), maps[1:], strict=True)
        )
        self.output = (
            convolution(widths[-1], spec.channels, axes)
            if maps == sizes
            else UpConv(widths[-1], spec.channels, spec.spatial, method=upsample)
        )
        self.bound = nn.Tanh() if spec.modality == "images" else nn.Identity()

    def forward(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Latents `(b, d)` and labels `(b,)` to samples `(b, c, *s)`.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        x = self.project(self.join(z, label)).unflatten(1, self.start)
        x = self.activation(self.first(x, label))
        for block in self.rise:
            x = block(x, label)
        sample: Tensor = self.bound(self.output(x))
        return sample


class Critic(nn.Module):
    """Sample halved by strided convolutions down to a coarse map, which gives one logit.

    The first map, at half the data's size, has `width` channels.

    There is no normalisation by default: one over the batch would make the gradient penalty of a
    sample depend on its neighbours (Gulrajani et al. 2017, sec. 4).
    """

    def __init__(
        self,
        spec: DataSpec,
        *,
        width: int = 32,
        norm: str = "none",
        activation: str = "leaky_relu",
        spectral: bool = False,
        minibatch_std: bool = False,
        conditional: bool = True,
        conditioning: str = "projection",
    ) -> None:
        """Size the layers from `spec`.

        Raises:
            UserError: If the data are points, or an argument is out of range.
        """
        super().__init__()
        check_axes(spec)
        check_at_least(1, width=width)
        check_choice("conditioning", conditioning, CRITIC_CONDITIONING)
        axes = len(spec.spatial)
        act = activation_named(activation)
        stages = len(pyramid(spec.spatial))
        widths = stage_widths(width, stages)
        self.body = nn.Sequential(
            *(
                ConvBlock(
                    before,
                    channels,
                    axes,
                    kernel=4,
                    stride=2,
                    norm=norm if k else "none",
                    activation=act,
                    spectral=spectral,
                )
                for k, (before, channels) in enumerate(pairwise([spec.channels, *widths]))
            )
        )
        self.spread = MinibatchStd() if minibatch_std else nn.Identity()
        positions = math.prod(n // 2**stages for n in spec.spatial)
        self.feature_count = (widths[-1] + minibatch_std) * positions
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
