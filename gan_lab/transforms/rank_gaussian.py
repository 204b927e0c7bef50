"""Every channel to a standard normal by the ranks of its training values."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor
from torch.special import ndtri

from gan_lab.errors import UserError
from gan_lab.transforms.checks import require_channels, require_rows
from gan_lab.transforms.transform import Scaling, Transform


@dataclass(frozen=True)
class FittedRankGaussian(Scaling):
    """A rising, piecewise linear curve per channel through knots (value, normal score).

    Beyond the outermost knots the curve goes on straight, one score per standard deviation of the
    training values, so that it is one-to-one everywhere.

    Attributes:
        values: Rising values of the knots, for each channel.
        scores: Their normal scores, rising too.
        slope: Scores per unit in the tails, positive, one per channel.
    """

    values: tuple[tuple[float, ...], ...]
    scores: tuple[tuple[float, ...], ...]
    slope: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the curves.

        Raises:
            UserError: If their parts do not fit, or one does not rise.
        """
        sizes = [len(knots) for knots in self.values]
        fit = sizes == [len(knots) for knots in self.scores] and len(sizes) == len(self.slope)
        if not fit or 0 in sizes or not all(slope > 0 for slope in self.slope):
            raise UserError("each channel needs as many values as scores, and a positive slope")
        for knots in (*self.values, *self.scores):
            if not all(low < high for low, high in pairwise(knots)):
                raise UserError("knots of a rank transform must rise")

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b t c"]:
        """Values to normal scores."""
        require_channels(x, len(self.slope))
        curves = zip(self.values, self.scores, self.slope, strict=True)
        return _by_channel(x, [(a, b, slope) for a, b, slope in curves])

    def inverse(
        self, y: Float[Tensor, "*b t c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Normal scores to values."""
        require_channels(y, len(self.slope))
        curves = zip(self.values, self.scores, self.slope, strict=True)
        return _by_channel(y, [(b, a, 1 / slope) for a, b, slope in curves])


@dataclass(frozen=True)
class RankGaussian(Transform):
    r"""Normal scores $\Phi^{-1}((\mathrm{rank} - \tfrac12) / t)$; equal values share a mean rank.

    For heavy tails, which otherwise dominate mean and deviation.

    Attributes:
        knots: Most points of a curve; values between them are interpolated.
    """

    knots: int = 256

    def __post_init__(self) -> None:
        """Check the number.

        Raises:
            UserError: If it is below 2.
        """
        if self.knots < 2:
            raise UserError(f"{self.knots} knots; expected 2 or more")

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedRankGaussian:
        """Rank the training values of each channel."""
        require_rows(x, 1, names)
        curves = [_curve(column, self.knots) for column in x.double().T]
        values, scores, slope = zip(*curves, strict=True)
        return FittedRankGaussian(values, scores, slope)


def _curve(
    column: Float[Tensor, " t"], knots: int
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    value, count = torch.unique(column, return_counts=True)
    rank = count.cumsum(0) - count / 2
    score: Tensor = ndtri(rank.double() / len(column))
    if len(value) > knots:
        # Even in score: the tails keep their points.
        targets = torch.linspace(float(score[0]), float(score[-1]), knots, dtype=torch.float64)
        nearest = torch.searchsorted(score, targets.to(score)).clamp_max(len(score) - 1)
        kept = torch.unique(nearest)
        value, score = value[kept], score[kept]
    std = float(column.std(unbiased=False))
    steep = std > max(1e-12 * float(column.abs().max()), 1e-300)
    return tuple(value.tolist()), tuple(score.tolist()), 1 / std if steep else 1.0


def _by_channel(
    x: Float[Tensor, "*b t c"],
    curves: list[tuple[tuple[float, ...], tuple[float, ...], float]],
) -> Float[Tensor, "*b t c"]:
    channels = [_follow(column, *curve) for column, curve in zip(x.unbind(-1), curves, strict=True)]
    return torch.stack(channels, dim=-1)


def _follow(
    x: Float[Tensor, "*s"], knots: tuple[float, ...], heights: tuple[float, ...], slope: float
) -> Float[Tensor, "*s"]:
    """Heights of a piecewise linear curve at `x`, with straight tails of the given slope."""
    at = torch.tensor(knots, dtype=torch.float64, device=x.device)
    y = torch.tensor(heights, dtype=torch.float64, device=x.device)
    points = x.double().contiguous()
    below = y[0] + (points - at[0]) * slope
    above = y[-1] + (points - at[-1]) * slope
    if len(at) > 1:
        right = torch.searchsorted(at, points).clamp(1, len(at) - 1)
        share = (points - at[right - 1]) / (at[right] - at[right - 1])
        inside = y[right - 1] + share * (y[right] - y[right - 1])
        below = torch.where(points < at[0], below, inside)
    return torch.where(points > at[-1], above, below)
