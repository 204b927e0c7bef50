"""Residual blocks without normalisation."""

import math

from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.activations import Activation, activation_named
from gan_lab.components.checks import check_at_least
from gan_lab.components.cnn import convolution
from gan_lab.components.conditioning import ConditionalNorm
from gan_lab.spec import UNLABELLED, Labels
from gan_lab.types import Label


class ResidualBlock(nn.Module):
    r"""Bottleneck block without normalisation: $y = x + f(x)$.

    $f$ widens with a 1-wide convolution, mixes positions with a grouped 3-wide one and narrows
    with a last 1-wide one. The first two are scaled by $L^{-1/4}$ for $L$ blocks and the last
    starts small, so that the signal keeps its scale at any depth: Fixup (Zhang et al. 2019,
    sec. 3) as R3GAN uses it (Huang et al. 2024), but not exactly zero, so that every
    weight learns from the first step.
    """

    def __init__(
        self,
        channels: int,
        spatial: int,
        *,
        expansion: int = 2,
        group_size: int = 16,
        blocks: int = 1,
        labels: Labels = UNLABELLED,
        activation: Activation | None = None,
        spectral: bool = False,
    ) -> None:
        """Compose the branch; `blocks` is the number of such blocks in the whole network.

        The 3-wide convolution mixes about `group_size` channels, a number that divides them evenly.

        Raises:
            UserError: If a number is below 1.
        """
        super().__init__()
        check_at_least(
            1, channels=channels, expansion=expansion, group_size=group_size, blocks=blocks
        )
        inner = channels * expansion
        groups = math.gcd(inner, max(inner // group_size, 1))
        act = activation or activation_named("leaky_relu")
        scale = blocks**-0.25
        self.widen = convolution(channels, inner, spatial, kernel=1, gain=scale, spectral=spectral)
        self.mix = convolution(inner, inner, spatial, groups=groups, gain=scale, spectral=spectral)
        self.narrow = convolution(inner, channels, spatial, kernel=1, gain=0.1, spectral=spectral)
        self.film = ConditionalNorm("none", inner, spatial, labels)
        self.first, self.second = act(), act()

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Map `(b, channels, *s)` to the same shape."""
        inner = self.film(self.mix(self.first(self.widen(x))), label)
        y: Tensor = x + self.narrow(self.second(inner))
        return y


def shrink(spatial: int) -> nn.Module:
    """Average over pairs of positions on every axis; an odd last position stands alone."""
    return (nn.AvgPool1d, nn.AvgPool2d)[spatial - 1](2, ceil_mode=True)
