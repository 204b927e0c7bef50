"""Data-copying test: in each region, are samples nearer to training rows than held-out rows are?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
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
    control, samples = (distances_in_cells(x, train, centres) for x in (held_out, fake))
    return copying_statistic(control, samples, cells=cells, fewest=fewest)


@dataclass(frozen=True)
class InCells:
    """Where rows lie.

    Attributes:
        cell: Cell of each row, `(n,)`.
        distance: Distance to the nearest training row of that cell; NaN where it holds none.
    """

    cell: Int[Tensor, " n"]
    distance: Float[Tensor, " n"]


def distances_in_cells(
    x: Float[Tensor, "n d"], train: Float[Tensor, "m d"], centres: Float[Tensor, "k d"]
) -> InCells:
    """Cell of every row, and the distance to the nearest training row of the same cell."""
    of_train, cell = cell_of(train, centres), cell_of(x, centres)
    distance = torch.full((len(x),), torch.nan, dtype=torch.float64)
    for k in range(len(centres)):
        mine, rows = (cell == k).nonzero().flatten(), train[of_train == k]
        if len(mine) and len(rows):
            distance[mine] = nearest(x[mine], rows).distance[:, 0]
    return InCells(cell, distance)


def copying_statistic(
    control: InCells, samples: InCells, *, cells: int, fewest: int = 20
) -> DataCopying:
    """$C_T$ where cells and distances are known; cells with too few rows are left out."""
    total, weight, tested = 0.0, 0.0, 0
    for k in range(cells):
        mine, theirs = (x.distance[x.cell == k] for x in (samples, control))
        if min(len(mine), len(theirs)) < fewest or bool(theirs.isnan().any()):
            continue
        share = len(theirs) / len(control.cell)
        z = mann_whitney_z(mine, theirs)
        total, weight, tested = total + share * z, weight + share, tested + 1
    return DataCopying(total / weight if tested else torch.nan, tested, weight)
