"""Random convolutions: features that need no training and no download."""

from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError
from gan_lab.metrics.features.extractor import weights_digest

CONVOLUTION: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d}


class RandomConvolution(nn.Module):
    r"""Fixed random convolution stages; mean and deviation of every map as features.

    Stage l has `width` $2^l$ maps of size 3 and stride 2 with a leaky ReLU and weights
    $N(0, 2 / \text{fan-in})$. All stages are read, so d = 2 `width` $(2^{depth} - 1)$. They sum up
    local structure without any training; a shifted copy moves about as far in them as in the values
    themselves, so search copies with `gan_lab.metrics.invariances`.

    Args:
        channels: Channels of the samples.
        axes: 1 for series `(c, t)`, 2 for images `(c, h, w)`.
        width: Maps of the first stage.
        depth: Number of stages.
        seed: Seed of the weights; it is part of the name.

    Raises:
        UserError: If `axes` is neither 1 nor 2.

    Source: the idea of Saxe et al., "On random weights and unsupervised feature learning", 2011.
    """

    def __init__(
        self, channels: int, axes: int, *, width: int = 32, depth: int = 3, seed: int = 0
    ) -> None:
        super().__init__()
        if axes not in CONVOLUTION:
            raise UserError(f"random convolutions take 1 or 2 spatial axes, not {axes}")
        self.name = f"random_convolution_{axes}d_{width}x{depth}_seed{seed}"
        rng = torch.Generator().manual_seed(seed)
        self.stages = nn.ModuleList()
        for stage in range(depth):
            convolution = CONVOLUTION[axes](channels, width << stage, 3, 2, 1, bias=False)
            for weight in convolution.parameters():
                scale = (2 / weight[0].numel()) ** 0.5
                weight.data = torch.randn(weight.shape, generator=rng) * scale
            self.stages.append(nn.Sequential(convolution, nn.LeakyReLU(0.2)))
            channels = width << stage
        self.eval().requires_grad_(False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights."""
        return weights_digest(self)

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """`(b, d)`."""
        seen = []
        for stage in self.stages:
            x = stage(x)
            flat = x.flatten(2)
            seen += [flat.mean(dim=2), flat.std(dim=2, correction=0)]
        return torch.cat(seen, dim=1)
