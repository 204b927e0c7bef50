"""Twenty years of two stock indices that come with the package arch: no download."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.series import windowed
from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("Open", "High", "Low", "Close", "Volume")


class Market(DataModule):
    """S&P 500 and NASDAQ, daily open, high, low, close and volume, 1999 to 2018.

    Networks see windows `(10, window)` of log-differences, standardised per channel by the
    training part; `to_units` gives log-returns (log-differences) back. Days without volume are
    dropped. The last windows are held out, and windows that overlap them are not used.

    The strong structure in these data is mechanical: the four prices of one index are tied
    together by definition, and tomorrow's open starts near today's close. They test whether a
    generator keeps cointegration and lead-lag relations; they are no finding about markets.
    Windows that begin one day apart share most of their days: they are not independent samples.

    Args:
        window: Days per window.
        stride: Days between the beginnings of two windows.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `window` is below 2 or `stride` below 1.
    """

    def __init__(self, window: int = 32, stride: int = 1, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        require_at_least("window", window, 2)
        require_at_least("stride", stride, 1)
        self.window, self.stride = window, stride

    def load(self) -> Samples:
        """Read, difference and cut.

        Raises:
            UserError: If arch is missing, or the window is longer than the series.
        """
        levels, names = log_levels()
        return windowed(
            levels.diff(dim=0).float(),
            name="market",
            channel_names=names,
            window=self.window,
            stride=self.stride,
            shares=self.shares,
        )


def log_levels() -> tuple[Float[Tensor, "t c"], tuple[str, ...]]:
    """Logarithms of prices and volumes, one row per day on which both indices were traded.

    Returns:
        Levels `(t, 10)` in float64, oldest first, and the names of the columns.

    Raises:
        UserError: If the package arch is missing.
    """
    sp500, nasdaq = _load()
    table = sp500.add_prefix("sp500_").join(nasdaq.add_prefix("nasdaq_"), how="inner").sort_index()
    table.columns = table.columns.str.lower()
    traded = (table[["sp500_volume", "nasdaq_volume"]] > 0).all(axis=1)
    levels = np.log(table[traded].to_numpy(dtype=np.float64))
    return torch.from_numpy(levels), tuple(table.columns)


def _load() -> "tuple[pd.DataFrame, pd.DataFrame]":
    try:
        import arch.data.nasdaq
        import arch.data.sp500
    except ModuleNotFoundError as error:
        raise UserError(
            "data=market needs the series of the package arch, which is missing; "
            "run: pip install 'arch>=8,<9'"
        ) from error
    columns = list(_COLUMNS)
    return arch.data.sp500.load()[columns], arch.data.nasdaq.load()[columns]
