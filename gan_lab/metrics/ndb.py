"""Number of statistically different bins: which cells of the data are over- or underfilled?"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.cells import cell_centres, cell_of


@dataclass(frozen=True)
class DifferentBins:
    """Two histograms over k-means cells.

    Attributes:
        different: Cells whose shares differ with p < `level`.
        bins: Number of cells.
        expected: `level * bins`: what chance alone makes different.
        level: Level of the test in each cell.
        jensen_shannon: Divergence of the two histograms in nats, 0 to log 2.
        real_share: Share of the reals in each cell.
        fake_share: Share of the fakes in each cell.
    """

    different: int
    bins: int
    expected: float
    level: float
    jensen_shannon: float
    real_share: tuple[float, ...]
    fake_share: tuple[float, ...]


def different_bins(
    *,
    fit: Float[Tensor, "t d"],
    real: Float[Tensor, "n d"],
    fake: Float[Tensor, "m d"],
    bins: int = 100,
    level: float = 0.05,
    rng: torch.Generator | None = None,
) -> DifferentBins:
    r"""Test in each cell whether reals and fakes fall into it equally often.

    $$ z = \frac{p - q}{\sqrt{s (1 - s) (1/n + 1/m)}}, \quad s = \frac{np + mq}{n + m} $$

    The cells are fitted to other rows than those they count: cells that were fitted to the counted
    reals follow their noise, and honest samples then differ in more than `level` of them.

    Args:
        fit: Rows that the cells are fitted to (training rows), `(t, d)`.
        real: Rows to count (held-out rows), `(n, d)`.
        fake: Generated rows, `(m, d)`.
        bins: Number of cells.
        level: Level of each test.
        rng: Where the start of k-means comes from.

    Raises:
        UserError: If there are fewer than `bins` rows to fit, or nothing to count.

    Source: Richardson & Weiss, "On GANs and GMMs", 2018, section 2.
    """
    if len(real) == 0 or len(fake) == 0:
        raise UserError("different bins: there are no rows to count")
    centres = cell_centres(fit, bins, rng=rng)
    labels = (cell_of(x, centres) for x in (real, fake))
    return bins_of_labels(*labels, bins=bins, level=level)


def bins_of_labels(
    real: Int[Tensor, " n"], fake: Int[Tensor, " m"], *, bins: int, level: float = 0.05
) -> DifferentBins:
    """The same test where the cell of each row is known.

    Args:
        real: Cell of each real row, `(n,)`, in `[0, bins)`.
        fake: Cell of each sample, `(m,)`.
        bins: Number of cells.
        level: Level of each test.

    >>> cells = torch.tensor([0, 0, 1])
    >>> bins_of_labels(cells, cells, bins=2).different
    0
    """
    p, q = (torch.bincount(cell, minlength=bins).double() / len(cell) for cell in (real, fake))
    n, m = len(real), len(fake)
    pooled = (n * p + m * q) / (n + m)
    error = (pooled * (1 - pooled) * (1 / n + 1 / m)).sqrt()
    z = torch.where(error > 0, (p - q).abs() / error, 0.0)
    p_value = torch.special.erfc(z / math.sqrt(2))
    mixture = (p + q) / 2
    entropy = torch.special.entr(torch.stack([mixture, p, q])).sum(dim=1)
    return DifferentBins(
        different=int((p_value < level).sum()),
        bins=bins,
        expected=level * bins,
        level=level,
        jensen_shannon=float(entropy[0] - (entropy[1] + entropy[2]) / 2),
        real_share=tuple(p.tolist()),
        fake_share=tuple(q.tolist()),
    )
