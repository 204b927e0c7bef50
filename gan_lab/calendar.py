"""The dates of a table: found in its rows, and continued past their end."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_HOLIDAYS = 5
"""Most weekdays from row to row that holidays explain."""


@dataclass(frozen=True)
class Calendar:
    """Where a series ends and how far apart its rows are.

    Attributes:
        name: Name of the column of dates.
        last: Last date that training saw, in ISO form.
        step: Distance of two rows as pandas writes it (`D`, `B` for weekdays, `MS`, `h`, ...), or
            empty where the rows are irregular.
    """

    name: str
    last: str
    step: str = ""

    def after(self, n: int) -> list[str]:
        """The next `n` dates in ISO form; none where the rows are irregular.

        >>> Calendar("date", "2024-02-28", "D").after(2)
        ['2024-02-29', '2024-03-01']
        >>> Calendar("date", "2024-02-02", "B").after(1)
        ['2024-02-05']
        """
        if not self.step:
            return []
        import pandas as pd

        first = pd.Timestamp(self.last)
        try:
            dates = pd.date_range(first, periods=n + 1, freq=self.step)
        except (ValueError, OverflowError):  # beyond the years that pandas knows
            return []
        return iso(dates[dates > first][:n])


def iso(dates: "pd.DatetimeIndex") -> list[str]:
    """Dates as text: without the time of day where that is always midnight.

    >>> import pandas as pd
    >>> iso(pd.DatetimeIndex(["2024-01-31"]))
    ['2024-01-31']
    """
    days = bool((dates == dates.normalize()).all())
    return [str(d.date()) if days else d.isoformat() for d in dates]


def step_of(dates: "pd.DatetimeIndex") -> str:
    """Distance of rows whose dates rise, as pandas writes it; empty where they are irregular.

    Weekdays with holidays missing count as weekdays.

    >>> import pandas as pd
    >>> step_of(pd.DatetimeIndex(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-10"]))
    'B'
    """
    import pandas as pd

    if len(dates) < 3:
        return ""
    with warnings.catch_warnings():
        # Text or an object, by the version of pandas.
        warnings.simplefilter("ignore")
        found: Any = pd.infer_freq(dates)
    if found is not None:
        return str(found if isinstance(found, str) else found.freqstr)
    weekdays = _weekdays(dates)
    return "B" if len(weekdays) and weekdays.max() <= _HOLIDAYS and np.median(weekdays) == 1 else ""


def goes_with(dates: "pd.DatetimeIndex", step: str) -> bool:
    """Whether rows are about as far apart as a step says: to a factor of two over all of them.

    Fewer than two rows, or an irregular step, go with anything.

    >>> import pandas as pd
    >>> months = pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-03-01"])
    >>> goes_with(months, "MS"), goes_with(months, "D")
    (True, False)
    """
    import pandas as pd

    if len(dates) < 2 or not step:
        return True
    whole = pd.date_range(dates[0], periods=len(dates) + 1, freq=step)
    ratio = (dates[-1] - dates[0]) / (whole[-2] - whole[0])
    return bool(0.5 <= ratio <= 2)


def gaps(dates: "pd.DatetimeIndex") -> list[int]:
    """Rows that come much later after the one before than rows usually do; dates must rise.

    >>> import pandas as pd
    >>> gaps(pd.DatetimeIndex(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-22"]))
    [3]
    """
    if len(dates) < 3 or step_of(dates):
        return []
    weekdays = _weekdays(dates)
    if len(weekdays) and np.median(weekdays) == 1:
        return [int(i) + 1 for i in np.flatnonzero(weekdays > _HOLIDAYS)]
    steps = np.diff(dates.to_numpy().astype("datetime64[us]").astype(np.int64))
    return [int(i) + 1 for i in np.flatnonzero(steps > 1.5 * np.median(steps))]


def _weekdays(dates: "pd.DatetimeIndex") -> np.ndarray:
    """Weekdays from date to date; empty where a date has a time of day or lies on a weekend."""
    if not bool((dates == dates.normalize()).all()) or bool((dates.day_of_week > 4).any()):
        return np.array([], dtype=int)
    days = dates.to_numpy().astype("datetime64[D]")
    return np.busday_count(days[:-1], days[1:])
