"""One series of a table, and what was found in it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.calendar import Calendar

REFUSED = "refused"


@dataclass(frozen=True)
class History:
    """One series, oldest row first.

    Attributes:
        name: File and group.
        values: Numbers `(t, c)` in float64; NaN where a value is missing or infinite.
        rows: Row of the file that each one was, from 0, `(t,)`.
        dates: Date of each row, or None.
        first_line: Line of row 0 in a text file, or None.
        static: What is one value for the whole series: its class, or numbers.
    """

    name: str
    values: np.ndarray
    rows: np.ndarray
    dates: "pd.DatetimeIndex | None" = None
    first_line: int | None = None
    static: tuple[object, ...] = ()

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def select(self, index: np.ndarray) -> "History":
        """The rows at `index` (numbers, or a mask), in that order."""
        dates = None if self.dates is None else self.dates[index]
        return replace(self, values=self.values[index], rows=self.rows[index], dates=dates)

    def place(self, position: int) -> str:
        """Where a row is, for a person: its number, line and date."""
        row = int(self.rows[position])
        notes = [] if self.first_line is None else [f"line {row + self.first_line}"]
        if self.dates is not None and self.dates[position] == self.dates[position]:
            notes.append(str(self.dates[position]).removesuffix(" 00:00:00"))
        return f"row {row}" + (f" ({', '.join(notes)})" if notes else "")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a table, or worth knowing.

    Attributes:
        kind: What it is: `missing`, `text`, `constant`, ...
        message: What and where, with column and row.
        action: What was done about it.
        remedy: What to do, where it was refused.
        count: How many values, rows or columns it concerns.
        column: Name of the column, where it is one.
    """

    kind: str
    message: str
    action: str
    remedy: str = ""
    count: int = 1
    column: str = ""


@dataclass(frozen=True)
class Content:
    """A table after cleaning, and the report on it.

    Attributes:
        names: Names of the channels.
        dtypes: Type of each channel's column.
        histories: The series.
        findings: What was found, in the order of the checks.
        calendar: Name of the column of dates, and how far apart rows are; or None.
        missing: Share of the values of each channel that were missing, before anything was done.
    """

    names: tuple[str, ...]
    dtypes: tuple[str, ...]
    histories: tuple[History, ...]
    findings: tuple[Finding, ...] = ()
    calendar: "Calendar | None" = None
    missing: tuple[float, ...] = field(default=())

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Findings that stand in the way of training."""
        return tuple(finding for finding in self.findings if finding.action == REFUSED)

    def require_clean(self) -> None:
        """Check that nothing was refused.

        Raises:
            UserError: If something was: it tells the first one, and how many more there are.
        """
        if not self.refused:
            return
        first, *more = self.refused
        others = f" ({len(more)} more; gan-lab inspect shows all)" if more else ""
        raise UserError(f"{first.message}; {first.remedy}{others}")
