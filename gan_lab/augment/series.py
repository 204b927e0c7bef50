"""Augmentations of series `(b, c, t)`.

Families of Um et al., "Data augmentation of wearable sensor data for Parkinson's disease
monitoring", 2017, with smooth curves from a cosine basis. They change amplitudes and times: use
those that the population itself is free in. `TimeWarp` and `CropShift` are made for levels: on
differences, such as returns, the one lowers the volatility between two values, and the value that
the other holds is a drift.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.checks import require_axes, require_between


def smooth_curve(*shape: int, length: int, knots: int, rng: torch.Generator) -> Tensor:
    r"""Slow random curves, $\mathcal N(0, 1)$ at every time.

    $$ f(t) = \frac{\sum_{k=0}^{K} a_k \cos(\pi k t)}{\sqrt{\sum_k \cos^2(\pi k t)}}, \qquad
       a_k \sim \mathcal N(0, 1), \quad t \in [0, 1] $$

    Args:
        shape: How many curves.
        length: Number of times.
        knots: K, the number of half waves of the fastest part.
        rng: Source of randomness.

    Returns:
        Float64 on the CPU, `(*shape, length)`.
    """
    time = torch.linspace(0, 1, length, dtype=torch.float64)
    basis = (math.pi * torch.arange(knots + 1)[:, None] * time).cos()
    basis = basis / basis.square().sum(0).sqrt()
    return torch.randn(*shape, knots + 1, generator=rng, dtype=torch.float64) @ basis


def resample(x: Float[Tensor, "b c t"], time: Float[Tensor, "b t"]) -> Float[Tensor, "b c t"]:
    """Values at fractional times in [0, t - 1], linear between neighbours."""
    time = time.to(torch.promote_types(x.dtype, torch.float32)).to(x.device)
    time = time.clamp(0, x.shape[2] - 1)
    before = time.floor()
    after = (before + 1).clamp(max=x.shape[2] - 1)
    share = (time - before)[:, None]
    early, late = (x.gather(2, index.long()[:, None].expand_as(x)) for index in (before, after))
    return ((1 - share) * early + share * late).to(x.dtype)


@dataclass(frozen=True, kw_only=True)
class Scaling:
    r"""Each channel times a factor of its own, $e^{\mathrm{std} \cdot \epsilon}$.

    Attributes:
        std: Standard deviation of the factor's logarithm.
    """

    std: float = 0.1

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a factor for each channel of each series."""
        require_axes(x, 1, self)
        return x * (self.std * torch.randn(*x.shape[:2], 1, generator=rng)).exp().to(x)


@dataclass(frozen=True, kw_only=True)
class MagnitudeWarp:
    r"""Each channel times a slowly varying factor, $e^{\mathrm{std} \cdot f(t)}$.

    Attributes:
        std: Standard deviation of the factor's logarithm, the same at every time.
        knots: How many half waves the fastest part of the curve has.
    """

    std: float = 0.1
    knots: int = 3

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a curve for each channel of each series."""
        require_axes(x, 1, self)
        curve = smooth_curve(*x.shape[:2], length=x.shape[2], knots=self.knots, rng=rng)
        return x * (self.std * curve).exp().to(x.dtype).to(x.device)


@dataclass(frozen=True, kw_only=True)
class TimeWarp:
    r"""Time runs faster here and slower there; its ends stay.

    The speed is $e^{\mathrm{std} \cdot f(t)} > 0$, so time is monotone; all channels share it.

    Attributes:
        std: Standard deviation of the speed's logarithm.
        knots: How many half waves the fastest part of the curve has.
    """

    std: float = 0.2
    knots: int = 3

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a clock for each series."""
        require_axes(x, 1, self)
        return resample(x, self.clock(len(x), x.shape[2], rng))

    def clock(self, n: int, length: int, rng: torch.Generator) -> Float[Tensor, "n t"]:
        """`n` increasing maps of 0 ... length - 1 onto the same interval."""
        if length == 1:
            return torch.zeros(n, 1, dtype=torch.float64)
        curve = smooth_curve(n, length=length - 1, knots=self.knots, rng=rng)
        passed = torch.nn.functional.pad((self.std * curve).exp().cumsum(1), (1, 0))
        return passed / passed[:, -1:] * (length - 1)


@dataclass(frozen=True, kw_only=True)
class CropShift:
    """A shift in time by whole steps; the first or last value fills the gap.

    Attributes:
        ratio: Largest shift, either way, as a share of the length.
    """

    ratio: float = 0.125

    def __post_init__(self) -> None:
        """Check the share."""
        require_between(self, 0.0, 1.0, ratio=self.ratio)

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a shift for each series; every whole one in reach has the same chance."""
        require_axes(x, 1, self)
        reach = int(self.ratio * x.shape[2] + 0.5)
        shift = torch.randint(-reach, reach + 1, (len(x), 1), generator=rng)
        index = (torch.arange(x.shape[2]) - shift).clamp(0, x.shape[2] - 1).to(x.device)
        return x.gather(2, index[:, None].expand_as(x))
