"""Which rows can a generator make? Held-out rows beside training rows."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Bool, Float
from scipy.stats import ks_2samp
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.closeness import nearest_training
from gan_lab.explore.inversion import Inversion

Invert = Callable[[Tensor], Inversion]
"""Targets `(b, c, *s)` to their inversion, such as `invert` with a decoder and a prior bound."""


@dataclass(frozen=True, eq=False)
class Recovery:
    r"""Errors of inverted rows.

    Attributes:
        train: Mean squared errors of training rows in model range, `(n,)`.
        held_out: Those of held-out rows, `(m,)`.
        yardstick: Error of the nearest training row for each held-out row, `(m,)`.
        gap: $(\tilde e_h - \tilde e_t) / \tilde e_h$ with the medians: above 0 when training
            rows are recovered better, as by a generator that remembers them.
        statistic: Kolmogorov-Smirnov distance between the two sets of errors.
        p: Its p value: how often two sets from one population are as far apart.
    """

    train: Float[Tensor, " n"]
    held_out: Float[Tensor, " m"]
    yardstick: Float[Tensor, " m"]
    gap: float
    statistic: float
    p: float

    @property
    def uncovered(self) -> Bool[Tensor, " m"]:
        """Held-out rows that the generator shows worse than the nearest training row does."""
        return self.held_out > self.yardstick

    @property
    def share_uncovered(self) -> float:
        """Share of the held-out rows that are not covered."""
        return float(self.uncovered.float().mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of `share_uncovered` (Wilson 1927)."""
        n, share, z = len(self.held_out), self.share_uncovered, 1.959964
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)


def recovery(
    invert: Invert,
    train: Float[Tensor, "n c *s"],
    held_out: Float[Tensor, "m c *s"],
    *,
    library: Float[Tensor, "k c *s"] | None = None,
) -> Recovery:
    """Invert training and held-out rows alike and compare their errors.

    The more rows of either kind, the smaller the gap that can be told from chance: with 100 of
    each, a Kolmogorov-Smirnov distance of about 0.2.

    Args:
        invert: How to invert; the same for both.
        train: Some training rows in model range.
        held_out: Some held-out rows in model range.
        library: All training rows, for the yardstick; None: `train`.

    Raises:
        UserError: If there are fewer than two rows of either kind.

    Source: Webster et al. 2019, "Detecting overfitting of deep generative networks via latent
    recovery", arXiv 1901.03396, sec. 3 and 4.
    """
    if min(len(train), len(held_out)) < 2:
        raise UserError(
            f"latent recovery: {len(train)} training and {len(held_out)} held-out rows; expected "
            "2 or more of each"
        )
    known, new = invert(train).error.cpu(), invert(held_out).error.cpu()
    rows = train if library is None else library
    yardstick = nearest_training(held_out, rows).error
    low, high = float(known.median()), float(new.median())
    test = ks_2samp(known.double().numpy(), new.double().numpy())
    gap = (high - low) / high if high > 0 else 0.0
    return Recovery(known, new, yardstick, gap, float(test.statistic), float(test.pvalue))
