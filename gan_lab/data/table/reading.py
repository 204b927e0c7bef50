"""Files to frames: CSV and Parquet, with what is wrong said in one line."""

import csv
import gzip
import os
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import glob
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

PARQUET = (".parquet", ".pq")
KINDS = (".csv", ".tsv", ".txt", ".csv.gz", *PARQUET)
SEPARATORS = (",", ";", "\t", "|")
MOST_COLUMNS = 10_000
DATE_LIKE = r"\d[\d/.: TZ-]*"
POINTS = r"^\s*[+-]?\d+\.\d+\s*$"
MOST_GROWTH, SPARE_BYTES = 100, 2**20
"""A compressed table that grows more is none: text shrinks to a tenth, zeros to a thousandth."""


@dataclass(frozen=True)
class Form:
    """How a CSV file is written.

    Attributes:
        separator: Between cells; None finds it in the first line.
        decimal: Between whole and broken part of a number, `.` or `,`.
        header: Whether the first line holds names.
    """

    separator: str | None = None
    decimal: str = "."
    header: bool = True

    def __post_init__(self) -> None:
        """Check the signs.

        Raises:
            UserError: If the separator is no single letter, or the decimal sign is unknown.
        """
        if self.separator is not None and (
            not isinstance(self.separator, str) or len(self.separator) != 1
        ):
            raise UserError(f"data.separator is {self.separator!r}; expected one letter, or null")
        if self.decimal not in (".", ","):
            raise UserError(f"data.decimal is {self.decimal!r}; expected '.' or ','")


@dataclass(frozen=True)
class Source:
    """One file as read.

    Attributes:
        name: Its name without the ending.
        path: Where it lies.
        frame: Its content, index 0, 1, ...
        first_line: Line of the first row in a text file; None for Parquet.
    """

    name: str
    path: Path
    frame: "pd.DataFrame"
    first_line: int | None


def find(path: str | Path | Sequence[str | Path]) -> list[Path]:
    """The files at a path, in a folder, behind a pattern such as `prices/*.csv`, or in a list.

    Raises:
        UserError: If there is none.
    """
    if not isinstance(path, str | Path):
        return [file for part in path for file in find(part)]
    place = Path(path).expanduser()
    if place.is_dir():
        files = sorted(f for f in place.iterdir() if f.name.lower().endswith(KINDS))
    elif any(sign in str(place) for sign in "*?[") and not place.exists():
        files = sorted(Path(name) for name in glob(str(place)))
    else:
        return [place]
    if not files:
        raise UserError(f"data.path={path} holds no table; expected files like {', '.join(KINDS)}")
    return files


def read(path: Path, form: Form) -> Source:
    """Read one file.

    Raises:
        UserError: If it cannot be read, or is no table.
    """
    _require_file(path)
    name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    if path.suffix.lower() in PARQUET:
        return Source(name, path, _read_parquet(path), None)
    try:
        return Source(name, path, _read_csv(path, form), 2 if form.header else 1)
    except (
        OSError, ValueError, TypeError, EOFError, OverflowError, MemoryError, RecursionError,
        csv.Error, zlib.error, Warning,
    ) as error:  # fmt: skip
        raise UserError(
            f"data.path={path} cannot be read as CSV ({_reason(error)}); "
            "give a CSV file with a header, or a Parquet file"
        ) from error


def _read_csv(path: Path, form: Form) -> "pd.DataFrame":
    import pandas as pd

    with _open(path) as file:
        line = _first_line(file)
    separator = form.separator or max(SEPARATORS, key=line.count)
    cells = next(csv.reader([line], delimiter=separator), [])
    if len(cells) > MOST_COLUMNS:
        raise UserError(
            f"{path}: {len(cells):,} columns, more than {MOST_COLUMNS:,}; rows are time steps: "
            "turn the table around if it is the other way, or split it"
        )
    if form.header:
        _check_names(path, cells)
    with warnings.catch_warnings():
        # Rows with more cells than the header would be cut without a word.
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        frame = pd.read_csv(
            path,
            sep=separator,
            decimal=form.decimal,
            header=0 if form.header else None,
            names=None if form.header else [f"x{i + 1}" for i in range(len(cells))],
            index_col=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            encoding="utf-8-sig",
            low_memory=False,
        )
    frame.columns = frame.columns.str.strip()
    if form.decimal == ",":
        _refuse_points(path, frame)
    filled = frame.notna().any(axis=1).to_numpy().nonzero()[0]
    return frame.iloc[: filled[-1] + 1 if len(filled) else 0]


def _check_names(path: Path, names: Sequence[str]) -> None:
    names = [name.strip() for name in names]
    numbers = [name for name in names if _is_number(name)]
    if numbers and all(_is_number(name) or re.fullmatch(DATE_LIKE, name) for name in names):
        raise UserError(
            f"{path}: the first line holds numbers, {some(names, 3)}, no names; "
            "set data.header=false, or add a header"
        )
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        raise UserError(f"{path}: two columns are called {twice[0][:40]!r}; rename one")


def some(names: Iterable[object], most: int = 8) -> str:
    """A few names, each shortened, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = [str(name) for name in names]
    more = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(" ".join(name[:40].split()) for name in shown[:most]) + more


def _refuse_points(path: Path, frame: "pd.DataFrame") -> None:
    """With decimal commas, 1.234 may be a thousand or one: nobody but the user knows."""
    for name in frame.select_dtypes(["object", "string"]):
        cells = frame[name].dropna().astype("string")
        if len(cells) and cells.str.match(POINTS).mean() > 0.5:
            raise UserError(
                f"{path}: column {name} has decimal points, such as {cells.iloc[0]!r}, but "
                "data.decimal is ','; set data.decimal='.', or write the numbers without thousands"
            )


def _require_file(path: Path) -> None:
    """A pipe or a device could be read without end, and so could what grows a thousandfold."""
    shown = os.fsencode(path).decode(errors="replace")
    if shown != str(path):
        raise UserError(f"{shown}: the name of this file is no UTF-8; rename it")
    if path.exists() and not path.is_file():
        raise UserError(f"data.path={shown} is no file; give a CSV or Parquet file")
    if path.suffix.lower() != ".gz" or not path.exists():
        return
    most = MOST_GROWTH * path.stat().st_size + SPARE_BYTES
    try:
        with gzip.open(path) as file:
            while block := file.read(min(2**20, most + 1)):
                most -= len(block)
                if most < 0:
                    raise UserError(
                        f"data.path={shown} grows more than {MOST_GROWTH} times when it is "
                        "unpacked, as no table does; unpack it yourself if you trust it"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"data.path={shown} is damaged: {_reason(error)}") from error


def _first_line(file: TextIOWrapper) -> str:
    """The first line that is not blank, or its beginning where it is very long."""
    while line := file.readline(2**24):
        if line.strip():
            return line
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _open(path: Path) -> TextIOWrapper:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read_parquet(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(
            f"{path}: Parquet files need pyarrow, which is missing; "
            "run: pip install 'gan-lab-torch[parquet]', or give a CSV file"
        ) from error
    try:
        frame = pd.read_parquet(path)
    except (
        OSError, ValueError, TypeError, KeyError, NotImplementedError, MemoryError,
    ) as error:  # fmt: skip
        raise UserError(
            f"data.path={path} cannot be read as Parquet ({_reason(error)}); give a Parquet file"
        ) from error
    if isinstance(frame.index, pd.RangeIndex):
        return frame.reset_index(drop=True)
    frame.index.name = frame.index.name or "index"
    return frame.reset_index()


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "loss of data" in text:
        return "rows have more cells than the header"
    return text.removeprefix("Error tokenizing data. C error: ")
