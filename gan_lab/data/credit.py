"""A hundred years of corporate bond yields that come with the package arch: no download."""

from typing import Any

import numpy as np
import torch

from gan_lab.data.economy import EconomicSeries, Levels
from gan_lab.errors import UserError


class Credit(EconomicSeries):
    """Yields of AAA and BAA corporate bonds, monthly, 1919 to 2018, in percent.

    The textbook pair of cointegrated series: each wanders, their difference (the price of default
    risk) much less. Johansen's trace test finds rank 1; Engle-Granger depends on the lags (p =
    0.01 with at most 10, 0.05 to 0.10 with at most 22). By default windows hold levels, where
    that tie can be seen.

    Args:
        window: Months per window.
        stride: Months between the beginnings of two windows.
        levels: Whether windows hold levels instead of monthly changes.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `window` is below 2 or `stride` below 1.
    """

    name = "credit"

    def __init__(
        self,
        window: int = 24,
        stride: int = 1,
        levels: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(window, stride, levels, **options)

    def read(self) -> Levels:
        """Read the yields.

        Raises:
            UserError: If the package arch is missing.
        """
        try:
            import arch.data.default
        except ModuleNotFoundError as error:
            raise UserError(
                "data=credit needs the series of the package arch, which is missing; "
                "run: pip install 'arch>=8,<9'"
            ) from error
        frame = arch.data.default.load()[["AAA", "BAA"]].sort_index()
        return Levels(
            values=torch.from_numpy(frame.to_numpy(dtype=np.float64, copy=True)),
            names=("aaa", "baa"),
            units=("percent", "percent"),
            dates=tuple(str(date)[:10] for date in frame.index),
        )
