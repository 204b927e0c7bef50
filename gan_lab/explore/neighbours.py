"""Is a sample a copy? The nearest training and held-out rows, and what distances are usual."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.metrics.neighbours import Neighbours, nearest
from gan_lab.metrics.square_table import SquareTable

MOST_CONTROLS = 1000
NEAR, FAR = 1.0, 99.0


@dataclass(frozen=True)
class Beside:
    """The real rows that are nearest to one sample.

    Distances are Euclidean over all values of a sample in model range.

    Attributes:
        train: Nearest training rows, nearest first, `(1, k)`.
        held_out: Nearest held-out rows.
        percentile: Share in per cent of the held-out rows that lie nearer to training rows than
            the sample does: near 0 it is nearer to one than fresh real rows are.
        controls: Number of held-out rows behind the percentile.
    """

    train: Neighbours
    held_out: Neighbours
    percentile: float
    controls: int

    @property
    def suspicious(self) -> bool:
        """Whether hardly any held-out row lies as near to a training row."""
        return self.percentile < NEAR

    @property
    def sentence(self) -> str:
        """Whether the sample looks like a copy, in one plain sentence."""
        share = f"{self.percentile:.0f} % of the {self.controls:,} held-out rows"
        if self.suspicious:
            return (
                "This may be a copy: it lies nearer to a training row than 99 % of the "
                f"{self.controls:,} held-out rows do."
            )
        if self.percentile > FAR:
            return (
                "No copy, but unlike the data: it lies farther from every training row than 99 % "
                f"of the {self.controls:,} held-out rows do."
            )
        return f"No sign of a copy: {share} lie nearer to a training row than this sample does."


class RealRows:
    """Training and held-out rows, ready to be searched for the neighbours of one sample.

    Attributes:
        train: Training rows.
        held_out: Held-out rows.
        usual: Distances of held-out rows to their nearest training rows, ascending, `(h,)`.
    """

    def __init__(
        self, train: Samples, held_out: Samples, *, most: int = MOST_CONTROLS, seed: int = 0
    ) -> None:
        """Prepare the search.

        Args:
            train: Training rows.
            held_out: Rows that training never saw.
            most: Most held-out rows that set the usual distances.
            seed: Seed of their choice.

        Raises:
            UserError: If either is empty.
        """
        if not len(train) or not len(held_out):
            raise UserError("neighbours need training rows and held-out rows; hold a part out")
        self.train, self.held_out = train, held_out
        self._flat = {"train": _table(train.x), "held_out": _table(held_out.x)}
        order = torch.randperm(len(held_out), generator=torch.Generator().manual_seed(seed))
        controls = held_out.x.flatten(1)[order[:most]]
        self.usual = nearest(controls, train.x.flatten(1)).distance[:, 0].sort().values

    def beside(self, x: Float[Tensor, "1 c *s"], k: int = 1) -> Beside:
        """The `k` nearest rows of each kind, and how usual the nearest distance is.

        Raises:
            UserError: If there are fewer than `k` rows, or a value is not finite.
        """
        if not x.isfinite().all():
            raise UserError("the sample holds values that are not finite; it has no neighbours")
        train, held_out = (_search(table, x.flatten(1).cpu(), k) for table in self._flat.values())
        return Beside(
            train, held_out, self.percentile(float(train.distance[0, 0])), len(self.usual)
        )

    def percentile(self, distance: float) -> float:
        """Share in per cent of the held-out rows nearer to training rows; ties count half."""
        value = torch.tensor(distance, dtype=self.usual.dtype)
        low = torch.searchsorted(self.usual, value)
        high = torch.searchsorted(self.usual, value, right=True)
        return 50.0 * float(low + high) / len(self.usual)


def _table(x: Float[Tensor, "n c *s"]) -> SquareTable:
    return SquareTable.of(x.flatten(1), x.dtype)


def _search(table: SquareTable, query: Float[Tensor, "1 d"], k: int) -> Neighbours:
    """Exact: whatever the quick search cannot rule out is measured by its differences."""
    if not 1 <= k <= len(table.rows):
        raise UserError(f"asked for {k} neighbours of {len(table.rows)} rows; give a smaller k")
    squares, error = table.squares(query)
    limit = squares[0].kthvalue(k).values + 2 * error[0, 0]
    likely = (squares[0] <= limit).nonzero()[:, 0]
    exact = (table.exact[likely] - query).norm(dim=1, dtype=torch.float64)
    distance, order = exact.sort(stable=True)
    return Neighbours(distance[None, :k], likely[order[:k]][None])
