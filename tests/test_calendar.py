import pandas as pd
import pytest

from gan_lab.calendar import Calendar, gaps, iso, step_of


@pytest.mark.parametrize("step", ["D", "B", "h", "MS", "ME", "QS-JAN", "W-SUN", "15min"])
def test_regular_dates_go_on(step):
    dates = pd.date_range("2024-04-01", periods=40, freq=step)
    found = Calendar("date", iso(dates[:30])[-1], step_of(dates[:30]))
    assert found.step == step
    assert pd.DatetimeIndex(found.after(10)).equals(pd.DatetimeIndex(dates[30:]))


def test_weekdays_with_holidays_go_on_as_weekdays():
    dates = pd.bdate_range("2023-12-01", periods=60)
    dates = dates[dates != pd.Timestamp("2023-12-25")]
    assert step_of(dates) == "B"
    assert gaps(dates) == []
    assert Calendar("date", "2024-02-23", "B").after(2) == ["2024-02-26", "2024-02-27"]


def test_irregular_dates_do_not_go_on():
    dates = pd.DatetimeIndex(["2024-01-01", "2024-01-03", "2024-01-04", "2024-02-20"])
    assert step_of(dates) == ""
    assert Calendar("date", "2024-02-20").after(3) == []


def test_gaps_are_rows():
    days = pd.date_range("2024-01-01", periods=20, freq="D")
    assert gaps(days.delete([7, 12, 13])) == [7, 11]
    assert gaps(days) == []


def test_years_beyond_pandas_end_the_dates():
    assert Calendar("date", "2261-01-01", "YS-JAN").after(400_000) == []
