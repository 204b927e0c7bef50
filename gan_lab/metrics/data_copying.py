"""Data-copying test: in each region, are samples nearer to training rows than held-out rows are?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.cells import cell_centres, cell_of
from gan_lab.metrics.mann_whitney import mann_whitney_z
from gan_lab.metrics.neighbours import nearest


@dataclass(frozen=True)
class DataCopying:
    """The statistic C_T and what it rests on.

    Attributes:
        statistic: Mean z over cells, weighted by the held-out share: far below 0 for copies, far
            above for samples away from the data; NaN when no cell could be tested.
        cells: Cells that were tested.
        held_out_share: Share of the held-out rows in them.
    """

    statistic: float
    cells: int
    held_out_share: float


def data_copying(
    *,
    train: Float[Tensor, "n d"],
    held_out: Float[Tensor, "h d"],
    fake: Float[Tensor, "m d"],
    cells: int = 3,
    fewest: int = 20,
    rng: torch.Generator | None = None,
) -> DataCopying:
    r"""$C_T = \sum_\pi P(\pi)\, z_\pi / \sum_\pi P(\pi)$ over cells with enough of all three sets.

    $z_\pi$ is the Mann-Whitney z of the distances to the nearest training row *of the cell*,
    samples against held-out rows; $P(\pi)$ is the share of the held-out rows in the cell. One cell
    alone is a global test; cells find copying in one region that another region would hide.

    Args:
        train: Training rows; the cells are fitted to them, `(n, d)`.
        held_out: Rows that the generator never saw, `(h, d)`.
        fake: Samples, `(m, d)`.
        cells: Number of k-means cells.
        fewest: Samples and held-out rows that a cell needs to be tested.
        rng: Where the start of k-means comes from.

    Raises:
        UserError: If a set is empty or there are fewer training rows than cells.

    Source: Meehan, Chaudhuri & Dasgupta, "A non-parametric test to detect data-copying in
    generative models", 2020, section 4.
    """
    if min(len(train), len(held_out), len(fake)) == 0:
        raise UserError("data copying: training, held-out and generated rows are all needed")
    centres = cell_centres(train, cells, rng=rng)
    of_train, of_held_out, of_fake = (cell_of(x, centres) for x in (train, held_out, fake))
    total, weight, tested = 0.0, 0.0, 0
    for cell in range(cells):
        rows, control, samples = (
            x[label == cell]
            for x, label in ((train, of_train), (held_out, of_held_out), (fake, of_fake))
        )
        if len(rows) == 0 or min(len(control), len(samples)) < fewest:
            continue
        z = mann_whitney_z(*(nearest(x, rows).distance[:, 0] for x in (samples, control)))
        share = len(control) / len(held_out)
        total, weight, tested = total + share * z, weight + share, tested + 1
    return DataCopying(total / weight if tested else torch.nan, tested, weight)
