"""Exponential moving average of the generator, with its memory stated in images."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class EMA(nn.Module):
    r"""A slow copy of a network: $\bar\theta \leftarrow \beta\bar\theta + (1 - \beta)\theta$.

    $\beta = 2^{-b / h}$ for a step of b images and a half-life of
    $h = \min(\text{half\_life}, \text{ramp} \cdot \text{images seen})$: early on, the average
    forgets quickly, so that a short run is not scored on its first random weights. Buffers (batch
    statistics) are copied. Source: Karras et al., "Training generative adversarial networks with
    limited data", 2020, app. C.

    Args:
        network: The network to follow.
        half_life: Images after which a weight's influence has halved.
        ramp: Half-life as a share of the images seen so far; 0 turns the ramp off.
    """

    def __init__(self, network: nn.Module, half_life: float = 10_000.0, ramp: float = 0.05) -> None:
        super().__init__()
        self.network = deepcopy(network).requires_grad_(False)
        self.half_life = half_life
        self.ramp = ramp
        self.train(False)

    def train(self, mode: bool = True) -> "EMA":
        """Stay in evaluation mode: an average is only ever used to generate."""
        return super().train(False)

    def beta(self, images: int, images_seen: int) -> float:
        """Share of the old average that stays after a step of `images`."""
        half_life = self.half_life
        if self.ramp > 0:
            half_life = min(half_life, self.ramp * images_seen)
        return float(0.5 ** (images / max(half_life, 1e-8)))

    @torch.no_grad()
    def update(self, network: nn.Module, images: int, images_seen: int) -> None:
        """Move towards `network` after a step of `images`; `images_seen` counts them in."""
        weight = 1 - self.beta(images, images_seen)
        mine: list[Tensor] = list(self.network.parameters())
        torch._foreach_lerp_(mine, list(network.parameters()), weight)
        for ours, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            ours.copy_(theirs)
