"""A user's own multivariate series: a CSV file with one row per time step."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gan_lab.data.base import DataModule, Samples, require_at_least, require_choice
from gan_lab.data.series import windowed
from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


class Table(DataModule):
    """Windows `(c, window)` of the numeric columns of a CSV file, oldest row first.

    Columns of text, such as dates, are left out. Each channel is standardised by the training
    part; the last windows are held out, and windows that overlap them are not used.

    Args:
        path: The CSV file, with a header; it must be given.
        columns: Names of the columns to use; by default all that hold numbers.
        change: `none` keeps the values, `difference` takes the change from row to row, `log` the
            change of the logarithm (for prices and other positive values that grow).
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If an argument is missing or out of range.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        columns: Sequence[str] | None = None,
        change: str = "none",
        window: int = 32,
        stride: int = 1,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if not path:
            raise UserError("data=table needs data.path=FILE, a CSV file with a header")
        require_choice("change", change, ("none", "difference", "log"))
        require_at_least("window", window, 2)
        require_at_least("stride", stride, 1)
        self.path = Path(path).expanduser()
        self.columns, self.change = columns, change
        self.window, self.stride = window, stride

    def load(self) -> Samples:
        """Read, difference and cut.

        Raises:
            UserError: If the file cannot be read, a column is missing, or values do not fit.
        """
        frame = self._numbers(_read(self.path))
        values = torch.from_numpy(frame.to_numpy(dtype=np.float64, copy=True))
        if self.change == "log":
            if (values <= 0).any():
                raise UserError(
                    f"{self.path}: data.change=log needs positive values; "
                    "choose other columns or data.change=difference"
                )
            values = values.log()
        return windowed(
            (values if self.change == "none" else values.diff(dim=0)).float(),
            name=self.path.stem,
            channel_names=tuple(str(column) for column in frame.columns),
            window=self.window,
            stride=self.stride,
            held_out=self.held_out_share,
        )

    def _numbers(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        if self.columns is not None:
            absent = [name for name in self.columns if name not in frame.columns]
            if absent:
                raise UserError(
                    f"{self.path} has no column {', '.join(absent)}; "
                    f"it has: {', '.join(map(str, frame.columns))}"
                )
            frame = frame[list(self.columns)]
        numbers = frame.select_dtypes("number")
        if self.columns is not None and numbers.shape[1] < len(self.columns):
            text = [name for name in self.columns if name not in numbers.columns]
            raise UserError(f"{self.path}: column {', '.join(text)} holds text; choose others")
        if numbers.shape[1] == 0:
            raise UserError(f"{self.path} holds no column of numbers; give a CSV with a header")
        return numbers


def _read(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"data.path={path} cannot be read as CSV ({reason}); give a CSV file with a header"
        ) from error
