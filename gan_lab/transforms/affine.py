"""Shift and scale per channel: standard, robust and min-max units share one inverse."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.transforms.checks import require_channels, require_rows
from gan_lab.transforms.transform import Scaling, Transform

# Interquartile range of a standard normal.
_NORMAL_IQR = 1.3489795003921634


@dataclass(frozen=True)
class FittedAffine(Scaling):
    r"""$y_c = (x_c - \mathrm{shift}_c) / \mathrm{scale}_c$.

    Attributes:
        shift: One per channel.
        scale: One per channel, positive.
    """

    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If their numbers differ, or a scale is not positive and finite.
        """
        if len(self.shift) != len(self.scale):
            raise UserError(f"{len(self.shift)} shifts for {len(self.scale)} scales")
        if not all(0 < scale < math.inf for scale in self.scale):
            raise UserError(f"scales must be positive and finite, not {self.scale}")

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b t c"]:
        """Shift, then divide."""
        require_channels(x, len(self.shift))
        return (x.double() - _row(self.shift, x)) / _row(self.scale, x)

    def inverse(
        self, y: Float[Tensor, "*b t c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Multiply, then shift back."""
        require_channels(y, len(self.shift))
        return y.double() * _row(self.scale, y) + _row(self.shift, y)


@dataclass(frozen=True)
class Standard(Transform):
    """Mean 0 and standard deviation 1 (divisor t) per channel; a constant channel becomes 0."""

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedAffine:
        """Measure mean and standard deviation."""
        require_rows(x, 1, names)
        rows = x.double()
        return _affine(rows.mean(dim=0), _spread(rows))


@dataclass(frozen=True)
class Robust(Transform):
    """Median 0 and the interquartile range of a standard normal, whatever the outliers.

    Where at least half of a channel is one value, its standard deviation takes over.
    """

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedAffine:
        """Measure median and quartiles."""
        require_rows(x, 1, names)
        rows = x.double()
        shares = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64, device=x.device)
        low, median, high = rows.quantile(shares, dim=0)
        scale = (high - low) / _NORMAL_IQR
        size = torch.maximum(low.abs(), high.abs())
        return _affine(median, torch.where(scale > 1e-12 * size, scale, _spread(rows)))


@dataclass(frozen=True)
class MinMax(Transform):
    """From `low` to `high` per channel; a constant channel takes the middle.

    Attributes:
        low: Where the smallest training value goes.
        high: Where the largest one goes.
    """

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        """Check the range.

        Raises:
            UserError: If it is empty or not finite.
        """
        if not -math.inf < self.low < self.high < math.inf:
            raise UserError(f"min-max from {self.low} to {self.high}; expected low below high")

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedAffine:
        """Measure the smallest and the largest value."""
        require_rows(x, 1, names)
        rows = x.double()
        least, most = rows.amin(dim=0), rows.amax(dim=0)
        scale = (most - least) / (self.high - self.low)
        scale = torch.where(scale > 0, scale, torch.ones_like(scale))
        return _affine((least + most) / 2 - (self.low + self.high) / 2 * scale, scale)


def _spread(rows: Float[Tensor, "t c"]) -> Float[Tensor, " c"]:
    """Standard deviation; 1 where a channel is constant up to rounding."""
    std = rows.std(dim=0, unbiased=False)
    return torch.where(std > 1e-12 * rows.abs().amax(dim=0), std, torch.ones_like(std))


def _affine(shift: Float[Tensor, " c"], scale: Float[Tensor, " c"]) -> FittedAffine:
    return FittedAffine(tuple(shift.tolist()), tuple(scale.tolist()))


def _row(values: tuple[float, ...], like: Tensor) -> Float[Tensor, " c"]:
    return torch.tensor(values, dtype=torch.float64, device=like.device)
