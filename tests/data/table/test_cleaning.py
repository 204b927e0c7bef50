"""Every problem is found, named by column and row, and handled as the policy says."""

import math

import numpy as np
import pytest

from gan_lab.data.table import Table
from gan_lab.data.table.cleaning import CHOICES, Policy
from gan_lab.errors import UserError


def table(tmp_path, content, **options):
    file = tmp_path / "t.csv"
    file.write_text(content)
    return Table(file, **{"window": 2, **options})


def rows(*values):
    """A file with the columns date, a, b; a row without an own `b` gets 1, 2, ..."""
    lines = [f"2024-01-{i + 1:02},{value},{i + 1}" for i, value in enumerate(values)]
    return "\n".join(["date,a,b", *lines])


HOLED = rows(1, "", 3, "", "", 9, 2)


@pytest.mark.parametrize("value", ["", "NaN", "inf", "-inf", "1e400"])
def test_missing_and_infinite_values_name_column_and_row(tmp_path, value):
    data = table(tmp_path, rows(1, 5, value, 2, 4, 3))
    kind = "missing" if value in ("", "NaN") else "infinite"
    expected = rf"t: column a, row 2 \(line 4, 2024-01-03\) is {kind}.*data\.missing=drop"
    with pytest.raises(UserError, match=expected):
        data.load()


def test_missing_values_are_dropped_or_interpolated(tmp_path):
    dropped = table(tmp_path, HOLED, missing="drop").examine()
    assert dropped.histories[0].values.tolist() == [[1, 1], [3, 3], [9, 6], [2, 7]]
    assert dropped.missing == (3 / 7, 0.0)
    filled = table(tmp_path, HOLED, missing="interpolate").examine()
    assert filled.histories[0].values[:, 0].tolist() == [1, 2, 3, 5, 7, 9, 2]
    assert not filled.refused
    assert [f.action for f in filled.findings if f.kind == "missing"] == ["interpolated"]


def test_nothing_is_extrapolated(tmp_path):
    found = table(tmp_path, rows("", 2, 4, 1, 5, ""), missing="interpolate").examine()
    assert found.histories[0].values[:, 1].tolist() == [2, 3, 4, 5]


def test_text_in_a_column_of_numbers(tmp_path):
    content = rows(1, "n/a?", 4, 2, 7)
    message = r"column a, row 1 \(line 3\) is 'n/a\?', no number"
    with pytest.raises(UserError, match=message):
        table(tmp_path, content).load()
    found = table(tmp_path, content, text="missing", missing="interpolate").examine()
    assert found.histories[0].values[:, 0].tolist() == [1, 2.5, 4, 2, 7]


def test_decimal_commas_are_told(tmp_path):
    with pytest.raises(UserError, match=r"column a has decimal commas.*data\.decimal=','"):
        table(tmp_path, "a;b\n1,5;2\n3,5;3\n").load()


def test_constant_columns(tmp_path):
    content = rows(3, 3, 3, 3, 3)
    with pytest.raises(UserError, match=r"column a is 3 in every row; set data\.constant=drop"):
        table(tmp_path, content).load()
    assert table(tmp_path, content, constant="drop").examine().names == ("b",)
    kept = table(tmp_path, content, constant="keep").load()
    assert kept.x.isfinite().all()
    assert kept.spec.channel_names == ("a", "b")


def test_duplicate_columns(tmp_path):
    content = rows(1, 2, 3, 4, 5)
    found = table(tmp_path, content).examine()
    assert [(f.kind, f.message, f.action) for f in found.findings] == [
        ("duplicates", "t: column b equals column a", "kept")
    ]
    assert table(tmp_path, content, duplicates="drop").examine().names == ("a",)
    with pytest.raises(UserError, match="column b equals column a"):
        table(tmp_path, content, duplicates="refuse").load()


UNSORTED = "date,a\n2024-01-02,2\n2024-01-01,1\n2024-01-03,3.5\n2024-01-04,4\n2024-01-05,1\n"


def test_unsorted_dates(tmp_path):
    with pytest.raises(UserError, match=r"row 1 \(line 3, 2024-01-01\) comes after a later date"):
        table(tmp_path, UNSORTED).load()
    found = table(tmp_path, UNSORTED, unsorted="sort").examine()
    assert found.histories[0].values[:, 0].tolist() == [1, 2, 3.5, 4, 1]
    backwards = "\n".join(["date,a", *(f"2024-01-0{9 - i},{i * i}" for i in range(6))])
    with pytest.raises(UserError, match="newest row first"):
        table(tmp_path, backwards).load()


def test_duplicate_dates(tmp_path):
    content = UNSORTED.replace("2024-01-01,1", "2024-01-02,7")
    with pytest.raises(UserError, match=r"row 1 .* has the date of row 0 .*data\.group"):
        table(tmp_path, content).load()
    for keep, value in (("first", 2), ("last", 7)):
        found = table(tmp_path, content, duplicate_dates=keep).examine()
        assert found.histories[0].values[0, 0] == value


def test_gaps_between_dates(tmp_path):
    content = UNSORTED.replace("2024-01-02,2\n2024-01-01,1", "2023-12-01,2\n2024-01-02,1")
    assert not table(tmp_path, content).examine().refused
    with pytest.raises(UserError, match=r"2024-01-02\) comes after a gap"):
        table(tmp_path, content, irregular="refuse").load()


def test_rows_without_a_date(tmp_path):
    content = UNSORTED.replace("2024-01-01", "soon")
    with pytest.raises(UserError, match=r"row 1 \(line 3\) has no date"):
        table(tmp_path, content).load()
    assert len(table(tmp_path, content, missing="drop").examine().histories[0]) == 4


@pytest.mark.parametrize("content", [rows(1), "date,a\n", "a\n", rows(1, 2, 3)])
def test_too_few_rows(tmp_path, content):
    with pytest.raises(UserError, match=r"t \(\d rows\): fewer rows than the 4|no column of"):
        table(tmp_path, content, window=4).load()


def test_short_series_beside_long_ones(tmp_path):
    for name, n in (("a", 30), ("b", 3)):
        lines = [f"{math.sin(i)}" for i in range(n)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["x", *lines]))
    with pytest.raises(UserError, match=r"b \(3 rows\).*data\.short=drop"):
        Table(tmp_path, window=4).load()
    assert len(Table(tmp_path, window=4, short="drop").examine().histories) == 1


def test_all_problems_are_found_at_once(tmp_path):
    content = "date,a,b,c\n2024-01-02,1,5,x\n2024-01-01,2,5,4\n2024-01-01,3,5,1\n2024-01-04,,5,2\n"
    found = table(tmp_path, content).examine()
    kinds = [finding.kind for finding in found.refused]
    assert kinds == ["text", "unsorted", "duplicate date", "missing", "constant"]
    with pytest.raises(UserError, match=r"\(4 more; gan-lab inspect shows all\)"):
        found.require_clean()


@pytest.mark.parametrize("name", CHOICES)
def test_unknown_policies(tmp_path, name):
    with pytest.raises(UserError, match=f"data.{name} is 'guess'; expected one of: refuse"):
        Policy(**{name: "guess"})


def test_what_was_handled_is_logged_before_training(tmp_path, caplog):
    content = rows(1, "", *np.arange(3, 30) ** 2)
    table(tmp_path, content, missing="drop").load()
    assert "column a, row 1" in caplog.text
    assert "rows dropped" in caplog.text
