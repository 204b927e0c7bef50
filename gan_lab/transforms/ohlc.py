"""Open, high, low and close of one instrument as four free numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.transforms.checks import (
    numbered,
    require_all,
    require_channels,
    require_columns,
    require_rows,
)
from gan_lab.transforms.transform import Recoding, Transform


@dataclass(frozen=True)
class FittedOHLC(Recoding):
    r"""Prices to the logarithm of the close and three log-ranges, in the same columns.

    $$ c = \log C, \quad o = \log(O / C), \quad h = \log(H / \max(O, C)), \quad
    l = \log(\min(O, C) / L) $$

    Going back, negative `h` and `l` count as 0, so that whatever a network makes satisfies
    low <= open, close <= high, and days that close at their high can be made.

    Attributes:
        channels: Number of channels; those that are no price stay.
        columns: Numbers of the open, high, low and close.
        names: Names of the columns, for messages; may be empty.
    """

    channels: int
    columns: tuple[int, int, int, int]
    names: tuple[str, ...] = ()

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b t c"]:
        """Prices to log-ranges.

        Raises:
            UserError: If a price is not positive, or high and low do not enclose the others: it
                names the column and the row.
        """
        require_channels(x, self.channels)
        y = x.double().clone()
        first, high, low, last = (y[..., index].clone() for index in self.columns)
        top, bottom = torch.maximum(first, last), torch.minimum(first, last)
        valid = torch.ones_like(y, dtype=torch.bool)
        for index in self.columns:
            valid[..., index] = y[..., index] > 0
        require_all(valid, y, self.names, "a price must be positive")
        valid[..., self.columns[1]] = high >= top
        valid[..., self.columns[2]] = low <= bottom
        require_all(valid, y, self.names, "expected low <= open, close <= high")
        codes = ((first / last).log(), (high / top).log(), (bottom / low).log(), last.log())
        for index, code in zip(self.columns, codes, strict=True):
            y[..., index] = code
        return y

    def inverse(
        self, y: Float[Tensor, "*b t c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Log-ranges to prices with low <= open, close <= high."""
        require_channels(y, self.channels)
        x = y.double().clone()
        o, h, low, c = (x[..., index].clone() for index in self.columns)
        last = c.exp()
        first = last * o.exp()
        high = torch.maximum(first, last) * h.clamp_min(0).exp()
        bottom = torch.minimum(first, last) * (-low.clamp_min(0)).exp()
        for index, price in zip(self.columns, (first, high, bottom, last), strict=True):
            x[..., index] = price
        return x


@dataclass(frozen=True)
class OHLC(Transform):
    """Codes the four prices of an instrument so that any numbers decode to a possible day.

    Attributes:
        open: Number or name of the column of opening prices; case does not matter.
        high: Of the highest prices.
        low: Of the lowest prices.
        close: Of the closing prices.
    """

    open: int | str = 0
    high: int | str = 1
    low: int | str = 2
    close: int | str = 3

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedOHLC:
        """Check the training rows.

        Raises:
            UserError: If a column does not exist, or a row is no possible day.
        """
        require_rows(x, 1, names)
        first, high, low, last = numbered((self.open, self.high, self.low, self.close), names)
        columns = (first, high, low, last)
        require_columns(columns, x.shape[1])
        fitted = FittedOHLC(x.shape[1], columns, tuple(names))
        fitted.forward(x)
        return fitted
