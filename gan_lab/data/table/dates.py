"""Which column holds dates, and what they mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.data.table.reading import some
from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.data.table.reading import Source

NAMES = ("date", "datetime", "timestamp", "time", "day", "month", "period", "year", "index", "")
FORMATS = ("%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m", "%b %d, %Y", "%d-%b-%Y")


def find_dates(source: "Source", wanted: str | None) -> str | None:
    """Name of the column of dates: the one asked for, or the first with a telling name.

    Raises:
        UserError: If the column asked for does not exist.
    """
    frame = source.frame
    if wanted is not None:
        if wanted not in frame.columns:
            raise UserError(
                f"{source.path} has no column {wanted!r} for data.date; "
                f"it has: {some(frame.columns)}"
            )
        return wanted
    for column in frame.columns:
        name = "" if str(column).startswith("Unnamed: ") else str(column).casefold()
        if name in NAMES and _may_be_dates(frame[column]):
            return str(column)
    return None


def parse_dates(source: "Source", column: str, form: str | None) -> "pd.DatetimeIndex":
    """Dates of all rows; NaT where a cell is empty or no date.

    Args:
        source: The file.
        column: The column of dates.
        form: How they are written, such as `%d.%m.%Y`; None finds out.

    Raises:
        UserError: If no cell is a date, or day and month cannot be told apart.
    """
    import pandas as pd

    cells = source.frame[column]
    if pd.api.types.is_datetime64_any_dtype(cells):
        return _naive(pd.DatetimeIndex(cells))
    text = cells.astype("string").str.strip().str.removesuffix(".0")
    if form is not None:
        found = [_in_form(source, text, form)]
    else:
        numbers = pd.api.types.is_numeric_dtype(cells)
        forms = ("%Y%m%d", "%Y") if numbers else ("ISO8601", *FORMATS)
        found = _best([_parsed(text, f) for f in forms])
    if not found or bool(found[0].isna().all()):
        raise UserError(
            f"{source.path}: column {column} holds no dates, but "
            f"{text.iloc[:1].str[:40].tolist()}; set data.date_format, such as '%d.%m.%Y', "
            "or data.date to another column"
        )
    if len(found) > 1 and not found[0].equals(found[1]):
        raise UserError(
            f"{source.path}: column {column} may put the day or the month first; "
            "set data.date_format='%d/%m/%Y' or '%m/%d/%Y'"
        )
    return found[0]


def is_counter(values: np.ndarray) -> bool:
    """Whether a column goes 0, 1, 2, ... or 1, 2, 3, ..., as a saved index does.

    >>> is_counter(np.arange(5.0)), is_counter(np.array([0.0, 2.0, 3.0]))
    (True, False)
    """
    return len(values) > 1 and bool((np.diff(values) == 1).all()) and values[0] in (0.0, 1.0)


def _may_be_dates(cells: "pd.Series") -> bool:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(cells):
        return True
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.dropna()
        days = values.between(10_000_101, 99_991_231) & (values % 100).between(1, 31)
        days &= (values // 100 % 100).between(1, 12)
        years = values.between(1500, 2500) & (values % 1 == 0) & values.is_monotonic_increasing
        return len(values) > 0 and bool(days.all() or (years.all() and values.is_unique))
    text = cells.astype("string").dropna()
    return bool(_share([_parsed(text, f) for f in ("ISO8601", *FORMATS)]) > 0.5)


def _in_form(source: "Source", text: "pd.Series", form: str) -> "pd.DatetimeIndex":
    try:
        return _parsed(text, form)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{source.path}: data.date_format is {form!r}; expected a form such as '%d.%m.%Y' "
            f"({error})"
        ) from error


def _parsed(text: "pd.Series", form: str) -> "pd.DatetimeIndex":
    import pandas as pd

    dates = pd.to_datetime(text, format=form, errors="coerce", utc=True)
    return _naive(pd.DatetimeIndex(dates))


def _naive(dates: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    naive = dates if dates.tz is None else dates.tz_convert("UTC").tz_localize(None)
    return naive.rename(None)


def _known(dates: "pd.DatetimeIndex") -> float:
    return float(np.mean(np.asarray(dates.notna())))


def _share(found: "Sequence[pd.DatetimeIndex]") -> float:
    return max(_known(dates) for dates in found) if len(found[0]) else 0.0


def _best(found: "Sequence[pd.DatetimeIndex]") -> "list[pd.DatetimeIndex]":
    """The readings that understand most cells."""
    most = _share(found)
    return [dates for dates in found if _known(dates) == most] if most else []
