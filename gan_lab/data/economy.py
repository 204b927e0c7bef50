"""Economic series that ship with packages: levels with names, units and dates."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.series import windowed


@dataclass(frozen=True)
class Levels:
    """A table of levels, oldest row first.

    Attributes:
        values: One row per date, `(t, c)` in float64.
        names: Names of the columns.
        units: Units of the columns, such as `percent` or `log USD per EUR`.
        dates: Date of each row, as `YYYY-MM-DD`; of a month or quarter, its first day.
    """

    values: Float[Tensor, "t c"]
    names: tuple[str, ...]
    units: tuple[str, ...]
    dates: tuple[str, ...]


class EconomicSeries(DataModule):
    """Base of the economic sets: windows `(c, window)` of levels or of their changes.

    Each channel is standardised by the training part; `to_units` gives the levels' units back, or
    those units per step. The last windows are held out, and windows that overlap them are not
    used. The first window of changes begins with the change from the first date to the second.

    Args:
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        levels: Whether windows hold levels, in which channels may be tied together in the long
            run, instead of changes from step to step.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `window` is below 2 or `stride` below 1.
    """

    name: str

    def __init__(self, window: int, stride: int, levels: bool, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        require_at_least("window", window, 2)
        require_at_least("stride", stride, 1)
        self.window, self.stride, self.levels = window, stride, levels

    @abstractmethod
    def read(self) -> Levels:
        """Read the levels.

        Raises:
            UserError: If the package that carries them is missing.
        """

    def load(self) -> Samples:
        """Read, difference and cut.

        Raises:
            UserError: If a package is missing, or the window is longer than the series.
        """
        table = self.read()
        values = table.values if self.levels else table.values.diff(dim=0)
        return windowed(
            values.float(),
            name=self.name,
            channel_names=table.names,
            window=self.window,
            stride=self.stride,
            shares=self.shares,
        )
