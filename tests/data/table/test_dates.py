import numpy as np
import pandas as pd
import pytest

from gan_lab.data.table.dates import find_dates, parse_dates
from gan_lab.data.table.reading import Source
from gan_lab.errors import UserError


def source(tmp_path, **columns):
    return Source("a", tmp_path / "a.csv", pd.DataFrame(columns), 2)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-30", "2024-01-31"],
        ["2024/01/30", "2024/01/31"],
        ["30.01.2024", "31.01.2024"],
        ["01/30/2024", "01/31/2024"],
        ["30/01/2024", "31/01/2024"],
        ["2024-01-30T00:00:00Z", "2024-01-31T00:00:00Z"],
        ["2024-01-30 01:00:00+01:00", "2024-01-31 00:00:00+00:00"],
        [20240130, 20240131],
        pd.DatetimeIndex(["2024-01-30", "2024-01-31"]),
    ],
    ids=str,
)
def test_dates_are_read(tmp_path, cells):
    table = source(tmp_path, price=[1.0, 2.0], Date=cells)
    assert find_dates(table, None) == "Date"
    assert parse_dates(table, "Date", None).tolist() == [
        pd.Timestamp("2024-01-30"),
        pd.Timestamp("2024-01-31"),
    ]


def test_years_are_dates(tmp_path):
    table = source(tmp_path, year=[1999, 2000, 2001], x=[1.0, 2.0, 3.0])
    assert find_dates(table, None) == "year"
    assert parse_dates(table, "year", None).year.tolist() == [1999, 2000, 2001]


def test_a_counter_or_text_is_no_date(tmp_path):
    assert find_dates(source(tmp_path, time=[0.0, 0.1], day=["mon", "tue"]), None) is None


def test_day_or_month_first_must_be_told_where_both_fit(tmp_path):
    table = source(tmp_path, date=["01/02/2024", "03/04/2024"])
    with pytest.raises(UserError, match=r"day or the month first; set data\.date_format"):
        parse_dates(table, "date", None)
    assert parse_dates(table, "date", "%d/%m/%Y").month.tolist() == [2, 4]


def test_no_dates_at_all(tmp_path):
    table = source(tmp_path, when=["soon", "later"])
    assert find_dates(table, "when") == "when"
    with pytest.raises(UserError, match="when holds no dates"):
        parse_dates(table, "when", None)
    with pytest.raises(UserError, match=r"no column 'then' for data\.date"):
        find_dates(table, "then")


def test_unreadable_cells_are_told_apart(tmp_path):
    dates = parse_dates(source(tmp_path, date=["2024-01-01", "x", np.nan]), "date", None)
    assert dates.isna().tolist() == [False, True, True]
