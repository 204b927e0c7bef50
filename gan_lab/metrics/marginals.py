"""Marginals: the distribution of each channel on its own, its body and its tails."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


@dataclass(frozen=True)
class Marginals:
    """One number per channel, comparing all values of a channel, pooled over positions.

    Attributes:
        wasserstein: $W_1$ in the units of the data.
        scaled_wasserstein: The same in standard deviations of the real channel; NaN when the
            real channel is constant.
        kolmogorov_smirnov: Largest gap between the two distribution functions, 0 to 1.
        below: Share of fake values below the lower tail quantile of the reals.
        above: Share of fake values above the upper one. Equal populations give `tail` in both.
        tail: Mass of each real tail.
    """

    wasserstein: tuple[float, ...]
    scaled_wasserstein: tuple[float, ...]
    kolmogorov_smirnov: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    tail: float


def marginals(
    *, real: Float[Tensor, "n c *s"], fake: Float[Tensor, "m d *r"], tail: float = 0.01
) -> Marginals:
    r"""Compare the values of every channel, $W_1 = \int |F - G|$ and $\sup |F - G|$, in float64.

    Args:
        real: `(n, c, *s)`; n and m may differ.
        fake: `(m, c, *s)`, of the same shape but for m.
        tail: Mass of the tail on either side whose share is counted among the fakes.

    Raises:
        UserError: If the shapes differ, a set is empty or a value is not finite.

    >>> report = marginals(real=torch.tensor([[0.0], [1.0]]), fake=torch.tensor([[2.0], [3.0]]))
    >>> report.wasserstein, report.kolmogorov_smirnov, report.above
    ((2.0,), (1.0,), (1.0,))
    """
    if real.shape[1:] != fake.shape[1:] or real.numel() == 0 or fake.numel() == 0:
        raise UserError(
            f"marginals: real {tuple(real.shape)} and fake {tuple(fake.shape)}; expected samples "
            "of the same shape, one or more on each side"
        )
    a, b = (_channels(x) for x in (real, fake))
    if not bool(a.isfinite().all()) or not bool(b.isfinite().all()):
        raise UserError("marginals: a value is NaN or infinite; drop that row")
    transport, gap = _distances(a, b)
    low, high = (_quantile(a, share) for share in (tail, 1 - tail))
    spread = a.std(dim=1, correction=0)
    return Marginals(
        wasserstein=tuple(transport.tolist()),
        scaled_wasserstein=tuple(torch.where(spread > 0, transport / spread, torch.nan).tolist()),
        kolmogorov_smirnov=tuple(gap.tolist()),
        below=tuple((b < low).double().mean(dim=1).tolist()),
        above=tuple((b > high).double().mean(dim=1).tolist()),
        tail=tail,
    )


def _channels(x: Tensor) -> Tensor:
    # A search wants the sorted values of a channel side by side in memory.
    return x.double().transpose(0, 1).flatten(1).contiguous().sort(dim=1).values.contiguous()


def _distances(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    merged = torch.cat([a, b], dim=1).sort(dim=1).values.contiguous()
    below_a, below_b = (
        torch.searchsorted(side, merged, right=True) / side.shape[1] for side in (a, b)
    )
    gap = (below_a - below_b).abs()
    return (gap[:, :-1] * merged.diff(dim=1)).sum(dim=1), gap.amax(dim=1)


def _quantile(ordered: Tensor, share: float) -> Tensor:
    """Linear interpolation between order statistics, `(c, 1)`; torch.quantile stops at 2**24."""
    position = share * (ordered.shape[1] - 1)
    below = int(position)
    above = min(below + 1, ordered.shape[1] - 1)
    pair = ordered[:, [below]], ordered[:, [above]]
    return torch.lerp(*pair, position - below)
