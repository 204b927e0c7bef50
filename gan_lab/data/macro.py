"""US macroeconomic quarters that come with the package statsmodels: no download."""

from typing import Any

import numpy as np
import torch

from gan_lab.data.economy import EconomicSeries, Levels
from gan_lab.errors import UserError

_UNITS = {
    "realgdp": "log bn 2005 USD",
    "realcons": "log bn 2005 USD",
    "realinv": "log bn 2005 USD",
    "realgovt": "log bn 2005 USD",
    "realdpi": "log bn 2005 USD",
    "cpi": "log index, 1982-84 = 100",
    "m1": "log bn USD",
    "pop": "log million people",
    "tbilrate": "percent",
    "unemp": "percent",
}


class Macro(EconomicSeries):
    """Ten US series, quarterly, 1959 to 2009: output, prices, money, people, rates.

    Quantities and prices are logarithms, rates stay in percent. Inflation and the real interest
    rate are left out: they are computed from others. With about 200 quarters this set is small;
    it tests what a model does with few data.

    Args:
        window: Quarters per window.
        stride: Quarters between the beginnings of two windows.
        levels: Whether windows hold levels instead of quarterly changes.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `window` is below 2 or `stride` below 1.
    """

    name = "macro"

    def __init__(
        self,
        window: int = 8,
        stride: int = 1,
        levels: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(window, stride, levels, **options)

    def read(self) -> Levels:
        """Read the quarters.

        Raises:
            UserError: If the package statsmodels is missing.
        """
        try:
            from statsmodels.datasets import macrodata
        except ModuleNotFoundError as error:
            raise UserError(
                "data=macro needs the series of the package statsmodels, which is missing; "
                "run: pip install statsmodels"
            ) from error
        frame = macrodata.load_pandas().data
        values = torch.from_numpy(frame[list(_UNITS)].to_numpy(dtype=np.float64, copy=True))
        logs = [i for i, unit in enumerate(_UNITS.values()) if unit.startswith("log ")]
        values[:, logs] = values[:, logs].log()
        quarters = zip(frame["year"].astype(int), frame["quarter"].astype(int), strict=True)
        return Levels(
            values=values,
            names=tuple(_UNITS),
            units=tuple(_UNITS.values()),
            dates=tuple(f"{year}-{3 * quarter - 2:02}-01" for year, quarter in quarters),
        )
