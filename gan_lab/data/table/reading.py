"""Files to frames: CSV and Parquet, with what is wrong said in one line."""

import csv
import gzip
import warnings
from collections.abc import Sequence
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
    name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    if path.suffix.lower() in PARQUET:
        return Source(name, path, _read_parquet(path), None)
    try:
        return Source(name, path, _read_csv(path, form), 2 if form.header else 1)
    except (OSError, ValueError, csv.Error, Warning) as error:
        raise UserError(
            f"data.path={path} cannot be read as CSV ({_reason(error)}); "
            "give a CSV file with a header, or a Parquet file"
        ) from error


def _read_csv(path: Path, form: Form) -> "pd.DataFrame":
    import pandas as pd

    with _open(path) as file:
        line = next((line for line in file if line.strip()), "")
    separator = form.separator or max(SEPARATORS, key=line.count)
    cells = next(csv.reader([line], delimiter=separator), [])
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
    filled = frame.notna().any(axis=1).to_numpy().nonzero()[0]
    return frame.iloc[: filled[-1] + 1 if len(filled) else 0]


def _check_names(path: Path, names: Sequence[str]) -> None:
    names = [name.strip() for name in names]
    if names and all(_is_number(name) for name in names):
        raise UserError(
            f"{path}: the first line holds numbers, {', '.join(names[:3])}, no names; "
            "set data.header=false, or add a header"
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UserError(f"{path}: two columns are called {twice[0]!r}; rename one")


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
    except (OSError, ValueError) as error:
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
