r"""Where pixels go: flips, turns, shifts, scales.

Strengths are those of Karras et al., "Training generative adversarial networks with limited data",
2020, appendix B. Two things differ: pixels are read bilinearly, without a wavelet filter, and there
is one rotation, before the stretch, where the paper splits it into two.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.checks import require_axes, require_between
from gan_lab.augment.matrix import normal, uniform
from gan_lab.augment.warp import Move


def scaling(right: Float[Tensor, " b"], down: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """Matrices that stretch about the centre by these factors."""
    return torch.stack([right, down, torch.ones_like(right)], 1).diag_embed()


def shift(right: Float[Tensor, " b"], down: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """Matrices that move by this many pixels."""
    matrix = torch.eye(3, dtype=right.dtype).repeat(len(right), 1, 1)
    matrix[:, 0, 2], matrix[:, 1, 2] = right, down
    return matrix


def rotation(angle: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    """Matrices that turn counter-clockwise about the centre, in radians."""
    return _turn(angle.cos(), angle.sin())


def _turn(cosine: Float[Tensor, " b"], sine: Float[Tensor, " b"]) -> Float[Tensor, "b 3 3"]:
    matrix = scaling(cosine, cosine)
    matrix[:, 0, 1], matrix[:, 1, 0] = sine, -sine
    return matrix


@dataclass(frozen=True, kw_only=True)
class Flip(Move):
    """Left and right exchanged for every other image."""

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Identity or mirror, 1/2 each."""
        require_axes(x, 2, self)
        sign = 1.0 - 2.0 * torch.randint(2, (len(x),), generator=rng).double()
        return scaling(sign, torch.ones_like(sign))


@dataclass(frozen=True, kw_only=True)
class QuarterTurn(Move):
    """Rotation by 0, 90, 180 or 270 degrees; made for square images."""

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """One of four turns, 1/4 each."""
        require_axes(x, 2, self)
        turns = torch.randint(4, (len(x),), generator=rng)
        cosine = torch.tensor([1.0, 0.0, -1.0, 0.0], dtype=torch.float64)
        return _turn(cosine[turns], cosine[(turns - 1) % 4])


@dataclass(frozen=True, kw_only=True)
class Translation(Move):
    """A shift by whole pixels, each way up to a share of the size.

    Attributes:
        ratio: Largest shift as a share of width and height.
    """

    ratio: float = 0.125

    def __post_init__(self) -> None:
        """Check the share."""
        require_between(self, 0.0, 1.0, ratio=self.ratio)

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Every whole shift in reach has the same chance."""
        require_axes(x, 2, self)
        reach = [int(self.ratio * size + 0.5) for size in (x.shape[3], x.shape[2])]
        right, down = (torch.randint(-n, n + 1, (len(x),), generator=rng) for n in reach)
        return shift(right.double(), down.double())


@dataclass(frozen=True, kw_only=True)
class Drift(Move):
    """A shift by any number of pixels.

    Attributes:
        std: Standard deviation as a share of width and height.
    """

    std: float = 0.125

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Normal shifts."""
        require_axes(x, 2, self)
        right, down = (normal(len(x), self.std, rng) for _ in range(2))
        return shift(right * x.shape[3], down * x.shape[2])


@dataclass(frozen=True, kw_only=True)
class Scale(Move):
    """Larger or smaller, the same way in both directions.

    Attributes:
        std: Standard deviation of the factor's binary logarithm.
    """

    std: float = 0.2

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Log-normal factors."""
        require_axes(x, 2, self)
        factor = normal(len(x), self.std, rng).exp2()
        return scaling(factor, factor)


@dataclass(frozen=True, kw_only=True)
class Stretch(Move):
    """Wider and flatter, or narrower and taller, at the same area.

    Attributes:
        std: Standard deviation of the factor's binary logarithm.
    """

    std: float = 0.2

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Log-normal factors of the width, their inverses of the height."""
        require_axes(x, 2, self)
        factor = normal(len(x), self.std, rng).exp2()
        return scaling(factor, 1 / factor)


@dataclass(frozen=True, kw_only=True)
class Rotation(Move):
    """Rotation by any angle up to a limit.

    Attributes:
        degrees: Largest angle, either way.
    """

    degrees: float = 180.0

    def __post_init__(self) -> None:
        """Check the limit."""
        require_between(self, 0.0, 180.0, degrees=self.degrees)

    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b 3 3"]:
        """Uniform angles."""
        require_axes(x, 2, self)
        limit = math.radians(self.degrees)
        return rotation(uniform(len(x), -limit, limit, rng))
