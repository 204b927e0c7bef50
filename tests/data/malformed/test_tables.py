"""Tables as they come from spreadsheets, banks, loggers and strangers."""

import gzip
import os

import numpy as np
import pandas as pd
import pytest

from gan_lab.data.table import Table
from gan_lab.errors import UserError

N = 40
DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=N)]
CLEAN = np.random.default_rng(0).normal(size=(N, 2)).round(4)


def rows(change=None, separator=",", header="date,a,b", days=None):
    """A clean table as lines; `change` edits the list of rows of cells."""
    cells = [[d, *map(str, r)] for d, r in zip(days or DAYS, CLEAN.tolist(), strict=True)]
    if change is not None:
        change(cells)
    lines = [separator.join(map(str, row)) for row in cells]
    return "\n".join([*([header.replace(",", separator)] if header else []), *lines]) + "\n"


def cell(value, row=7, column=1):
    def change(cells):
        cells[row][column] = value

    return rows(change)


def every(value, column=1):
    def change(cells):
        for row in cells:
            row[column] = value(row[column]) if callable(value) else value

    return rows(change)


def moved(cells):
    cells[3], cells[4] = cells[4], cells[3]


def german(number):
    return number.replace(".", ",")


WIDE = ",".join(f"c{k}" for k in range(100_000))
CSV = {
    "empty": "",
    "blank": "\n\n\n",
    "spaces": "   \n  \n",
    "one word": "hello",
    "header alone": "date,a,b\n",
    "one row": rows(lambda cells: cells.__delitem__(slice(1, None))),
    "two rows": rows(lambda cells: cells.__delitem__(slice(2, None))),
    "no header": rows(header=""),
    "no header, numbers alone": "\n".join("1.5,2.5" for _ in range(N)),
    "numbers as header": rows(header="1,2,3"),
    "one name for two columns": rows(header="date,a,a"),
    "too few names": rows(header="date,a"),
    "too many cells in a row": rows(lambda cells: cells[5].append("9")),
    "many too many cells": rows(lambda cells: cells[5].extend("9" * 500)),
    "too few cells in a row": rows(lambda cells: cells[5].pop()),
    "an empty row": rows(lambda cells: cells[5].__setitem__(slice(0, 3), ["", "", ""])),
    "wrong separator declared": (rows(), {"separator": ";"}),
    "wrong separator declared, semicolons": (rows(separator=";"), {"separator": ","}),
    "a separator of two letters": (rows(), {"separator": "ab"}),
    "an empty separator": (rows(), {"separator": " "}),
    "spaces as separator": rows(separator=" "),
    "decimal commas": rows(
        lambda cells: [row.__setitem__(c, german(row[c])) for row in cells for c in (1, 2)],
        separator=";",
    ),
    "decimal commas in one column": (
        every(lambda x: f'"{german(x)}"'), {}),
    "decimal points where commas were declared": (rows(separator=";"), {"decimal": ","}),
    "no header but dates": rows(header="", days=[d.replace("-", "/") for d in DAYS]),
    "a decimal sign of two letters": (rows(), {"decimal": "ab"}),
    "thousands": every(lambda x: '"1,234,567.5"'),
    "per cent": every(lambda x: f"{x}%"),
    "money": every(lambda x: f"${x}"),
    "a unit": every(lambda x: f"{x} kg"),
    "a word": cell("unknown"),
    "a dash": cell("-"),
    "a question mark": cell("?"),
    "a formula": cell("=A1+B1"),
    "an error of a spreadsheet": cell("#DIV/0!"),
    "a date among numbers": cell("2024-01-01"),
    "a boolean": cell("true"),
    "hexadecimal": cell("0xff"),
    "an underscore": cell("1_000_000x"),
    "full-width digits": cell("\uff11\uff12x"),
    "an empty cell": cell(""),
    "NaN": cell("NaN"),
    "nan": cell("nan"),
    "null": cell("NULL"),
    "NA": cell("#N/A"),
    "inf": cell("inf"),
    "-inf": cell("-inf"),
    "Infinity": cell("Infinity"),
    "1e400": cell("1e400"),
    "-1e400": cell("-1e400"),
    "1e308": cell("1e308"),
    "4,000 digits": cell("9" * 4000),
    "a first empty cell": cell("", row=0),
    "a last empty cell": cell("", row=N - 1),
    "a constant column": every("5"),
    "a constant column of zeros": every("0.0"),
    "an empty column": (every(""), {"columns": ["a", "b"]}),
    "a column of text": (every("x"), {"columns": ["a", "b"]}),
    "no column of numbers": rows(
        lambda cells: [row.__setitem__(c, "x") for row in cells for c in (1, 2)]),
    "a column that is not there": (rows(), {"columns": ["a", "volume"]}),
    "a date that is not there": (rows(), {"date": "day"}),
    "a date that is none": (rows(), {"date": "a"}),
    "a date of another form": (rows(), {"date_format": "%d.%m.%Y"}),
    "a form that is none": (rows(), {"date_format": "%Q"}),
    "a group that is not there": (rows(), {"group": "ticker"}),
    "a group of single rows": (rows(), {"group": "date"}),
    "unsorted dates": rows(moved),
    "newest first": rows(lambda cells: cells.reverse()),
    "a date twice": rows(lambda cells: cells[5].__setitem__(0, cells[4][0])),
    "all dates the same": rows(lambda cells: [row.__setitem__(0, DAYS[0]) for row in cells]),
    "a date that is not": cell("2024-02-31", row=5, column=0),
    "an empty date": cell("", row=5, column=0),
    "a far date": cell("99999-01-01", row=5, column=0),
    "a word among dates": cell("tomorrow", row=5, column=0),
    "day or month first": rows(days=[f"{k % 12 + 1:02d}/{k % 11 + 1:02d}/2024" for k in range(N)]),
    "an open quote": cell('"1.5', row=5),
    "a nul": cell("1\x005", row=5),
    "zeros": "\0" * 4096,
    "html": "<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "json": '{"a": [1, 2, 3]}',
    "binary": bytes(range(256)) * 40,
    "latin-1": rows(header="dåte,a,b").encode("latin-1"),
    "utf-16": rows().encode("utf-16"),
    "utf-32": rows().encode("utf-32"),
    "half a letter at the end": rows().encode() + "ä".encode()[:1],
    "a parquet": b"PAR1" + bytes(99) + b"PAR1",
    "a png": b"\x89PNG\r\n\x1a\n" + bytes(99),
    "a zip": b"PK\x03\x04" + bytes(99),
    "a gzip": gzip.compress(rows().encode()),
    "a spreadsheet": b"PK\x03\x04[Content_Types].xml" + bytes(99),
    "100,000 columns": f"{WIDE}\n" + "\n".join(",".join(["1"] * 100_000) for _ in range(3)),
    "one line of 2 MB": "a" * 2_000_000,
    "a window longer than the table": (rows(), {"window": 99}),
    "a stride past the end": (rows(), {"window": 39}),
    "quotes everywhere": '"' * 999,
    "commas alone": ",,,,\n" * 9,
    "carriage returns alone": rows().replace("\n", "\r\r"),
    "a comment first": "# exported by a logger\n" + rows(),
    "a title first": "Prices of 2024\n\n" + rows(),
    "units in the second line": rows(lambda cells: cells.insert(0, ["", "EUR", "EUR"])),
    "a total in the last line": rows(lambda cells: cells.append(["total", "99", "99"])),
    "markdown": "| date | a |\n|---|---|\n| 2024-01-01 | 1.5 |\n",
}  # fmt: skip


def refused(path, **options):
    with pytest.raises(UserError) as told:
        Table(path, **{"window": 8, **options}).load()
    message = str(told.value)
    assert "\n" not in message
    assert len(message) < 900, message
    message.encode()
    return message


@pytest.mark.parametrize("name", CSV)
def test_a_table_is_refused_in_one_line(tmp_path, name):
    content = CSV[name]
    content, options = content if isinstance(content, tuple) else (content, {})
    path = tmp_path / "prices.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert "prices" in refused(path, **options) or "separator" in options or "decimal" in options


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a word", r"column a, row 7 \(line 9\) is 'unknown'"),
        ("inf", r"column a, row 7 \(line 9, 2024-01-08\) is infinite"),
        ("1e400", r"column a, row 7 \(line 9, 2024-01-08\) is infinite"),
        ("an empty cell", r"column a, row 7 \(line 9, 2024-01-08\) is missing"),
        ("a constant column", "column a is 5 in every row"),
        ("unsorted dates", r"row 4 \(line 6, 2024-01-04\) comes after a later date"),
        ("a date twice", r"row 5 \(line 7, 2024-01-05\) has the date of row 4"),
        ("too few cells in a row", r"column b, row 5 \(line 7, 2024-01-06\) is missing"),
        ("decimal commas", "column a has decimal commas"),
    ],
)
def test_the_place_is_told(tmp_path, name, place):
    path = tmp_path / "prices.csv"
    path.write_text(CSV[name])
    import re

    assert re.search(place, refused(path))


SAME = {
    "clean": rows(),
    "semicolons": rows(separator=";"),
    "tabs": rows(separator="\t"),
    "bars": rows(separator="|"),
    "a byte order mark": b"\xef\xbb\xbf" + rows().encode(),
    "windows": rows().replace("\n", "\r\n"),
    "old mac": rows().replace("\n", "\r"),
    "no last newline": rows().rstrip("\n"),
    "blank lines at the end": rows() + "\n\n\n",
    "spaces around cells": rows(separator=" , ").replace("date , a , b", "date, a, b"),
    "quotes around cells": every(lambda x: f'"{x}"'),
    "plus signs": every(lambda x: f"{float(x):+}"),
    "exponents": every(lambda x: f"{float(x):e}"),
    "decimal commas that are declared": (
        rows(lambda cells: [
            row.__setitem__(c, german(row[c])) for row in cells for c in (1, 2)
        ], separator=";"),
        {"decimal": ","},
    ),
    "no header that is declared": (rows(header=""), {"header": False}),
    "rows to be sorted": (rows(moved), {"unsorted": "sort"}),
    "newest first to be sorted": (rows(lambda cells: cells.reverse()), {"unsorted": "sort"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_reads_the_same(tmp_path, name):
    content = SAME[name]
    content, options = content if isinstance(content, tuple) else (content, {})
    path = tmp_path / "prices.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    history = Table(path, window=8, **options).examine().histories[0]
    np.testing.assert_allclose(history.values[:, -2:], CLEAN, atol=1e-6)
    assert Table(path, window=8, **options).load().x.isfinite().all()


def frame(**columns):
    return pd.DataFrame(
        {"date": pd.to_datetime(DAYS), "a": CLEAN[:, 0], "b": CLEAN[:, 1]} | columns
    )


def stored(path, table=None):
    (frame() if table is None else table).to_parquet(path)
    return path.read_bytes()


PARQUET = {
    "empty": lambda path: b"",
    "text": lambda path: b"date,a,b\n",
    "magic alone": lambda path: b"PAR1PAR1",
    "half": lambda path: stored(path)[: len(stored(path)) // 2],
    "no end": lambda path: stored(path)[:-4],
    "no beginning": lambda path: stored(path)[100:],
    "a footer of 2 GB": lambda path: stored(path)[:-8] + b"\xff\xff\xff\x7fPAR1",
    "a footer of zeros": lambda path: stored(path)[:-200] + bytes(192) + stored(path)[-8:],
    "data of zeros": lambda path: (
        stored(path)[:4] + bytes(600) + stored(path)[604:]),
    "lists": lambda path: stored(path, frame(a=[[1.0, 2.0]] * N, b=[[1.0]] * N)),
    "words": lambda path: stored(path, frame(a=["x"] * N, b=["y"] * N)),
    "a missing value": lambda path: stored(path, frame(a=[None, *CLEAN[1:, 0]])),
    "infinity": lambda path: stored(path, frame(a=[np.inf, *CLEAN[1:, 0]])),
    "no rows": lambda path: stored(path, frame()[:0]),
    "no columns": lambda path: stored(path, pd.DataFrame(index=range(5))),
    "one row": lambda path: stored(path, frame()[:1]),
    "dates alone": lambda path: stored(path, frame()[["date"]]),
    "bytes": lambda path: stored(path, frame(a=[b"x"] * N, b=[b"y"] * N)),
    "a dictionary": lambda path: stored(path, frame(a=[{"k": 1}] * N, b=[{"k": 2}] * N)),
    "complex dates": lambda path: stored(path, frame(date=pd.to_datetime(DAYS[::-1]))),
}  # fmt: skip


@pytest.mark.parametrize("name", PARQUET)
def test_a_parquet_file_is_refused_in_one_line(tmp_path, name):
    content = PARQUET[name](tmp_path / "made.parquet")
    path = tmp_path / "prices.parquet"
    path.write_bytes(content)
    assert "prices" in refused(path)


GZIP = {
    "empty": b"",
    "no gzip": rows().encode(),
    "half": gzip.compress(rows().encode())[:200],
    "bad sum": gzip.compress(rows().encode())[:-8] + bytes(8),
    "of nothing": gzip.compress(b""),
    "bomb": gzip.compress(b"date,a\n" + b"0" * 64_000_000),
}


@pytest.mark.parametrize("name", GZIP)
def test_a_compressed_table_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(GZIP[name])
    assert "prices" in refused(path)


@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "dangling", "missing", "other"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_no_file_is_not_waited_for(tmp_path, kind, suffix):
    path = tmp_path / f"prices.{suffix}"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind != "missing":
        path.symlink_to(
            {"device": "/dev/zero", "loop": path, "dangling": tmp_path / "gone", "other": "/"}[kind]
        )
    assert "prices" in refused(path)


def test_a_folder_without_tables_and_a_pattern_without_files(tmp_path):
    assert "holds no table" in refused(tmp_path)
    assert "holds no table" in refused(tmp_path / "*.csv")


def test_a_name_in_another_encoding_is_told(tmp_path):
    (tmp_path / "x").mkdir()
    with open(os.fsencode(tmp_path) + b"/x/caf\xe9.csv", "wb") as file:
        file.write(b"hello")
    refused(tmp_path / "x")
