"""Daily bars of one instrument as numbers that hover around a level."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from gan_lab.transforms.checks import numbered
from gan_lab.transforms.composition import Composition, FittedComposition
from gan_lab.transforms.difference import Difference
from gan_lab.transforms.log import Log
from gan_lab.transforms.ohlc import OHLC
from gan_lab.transforms.transform import Transform


@dataclass(frozen=True)
class OHLCReturn(Transform):
    """Log-ranges within the day (`OHLC`) and the log-return of the close.

    Columns that are no price, such as the volume, become log-changes where all their training
    values are positive, and plain changes elsewhere. Whatever a network makes satisfies
    low <= open, close <= high.

    Attributes:
        open: Number or name of the column of opening prices; case does not matter.
        high: Of the highest prices.
        low: Of the lowest prices.
        close: Of the closing prices.
    """

    open: int | str = "open"
    high: int | str = "high"
    low: int | str = "low"
    close: int | str = "close"

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedComposition:
        """Check that the rows are possible days and keep where they begin.

        Raises:
            UserError: If a column does not exist, or a row is no possible day.
        """
        first, high, low, last = numbered((self.open, self.high, self.low, self.close), names)
        others = [c for c in range(x.shape[1]) if c not in (first, high, low, last)]
        positive = [c for c in others if bool((x[:, c] > 0).all())]
        stages = (OHLC(first, high, low, last), Log(positive), Difference((last, *others)))
        return Composition(stages).fit(x, names, series)
