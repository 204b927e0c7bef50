"""Which columns hold numbers, and the numbers in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.data.table.dates import is_counter
from gan_lab.data.table.history import REFUSED, Finding
from gan_lab.data.table.reading import some
from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.data.table.reading import Source

INDICES = ("index", "id", "row", "step", "t", "time")
DECIMAL_COMMA = r"^[+-]?\d+(\.\d{3})*,\d+$"
# Numbers with a currency, a unit, a per cent sign, or marks between thousands.
DRESSED = (
    r"^(?:[+-]?[$€£¥]\s?\d[\d.,]*|[+-]?\d[\d.,]*\s?[%$€£¥]|[+-]?\d[\d.,]* [A-Za-zµ°/²³]{1,6}"
    r"|[+-]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?)$"
)


@dataclass(frozen=True)
class Numbers:
    """The channels of one file.

    Attributes:
        names: Their names.
        dtypes: Type of each column, as numpy writes it.
        values: `(t, c)` in float64; NaN where a cell is empty or no number, infinities kept.
        findings: Columns that are left out, and cells of text.
    """

    names: tuple[str, ...]
    dtypes: tuple[str, ...]
    values: np.ndarray
    findings: tuple[Finding, ...]


def numbers(
    source: "Source", *, columns: Sequence[str] | None, skip: Sequence[str], text: str
) -> Numbers:
    """The columns that were asked for, or all that mostly hold numbers.

    Args:
        source: The file.
        columns: Names of the columns, or None.
        skip: Columns that are no channels: dates and groups.
        text: What to do about text in a column of numbers: `refuse`, or `missing`.

    Raises:
        UserError: If a column does not exist or holds text alone, or there is none.
    """
    _require_present(source, columns)
    names, dtypes, values, findings = [], [], [], []
    for name in columns or [c for c in source.frame.columns if c not in skip]:
        cells = source.frame[name]
        column, wrong = _parsed(cells)
        share = 1 - len(wrong) / max(int(cells.notna().sum()), 1)
        if _decimal_commas(cells, wrong):
            raise UserError(
                f"{source.path}: column {name} has decimal commas, such as "
                f"{cells.iloc[wrong[0]]!r}; set data.decimal=','"
            )
        if len(wrong) and _most(cells, wrong, DRESSED):
            raise UserError(
                f"{source.path}: column {name} holds numbers with units or marks, such as "
                f"{cells.iloc[wrong[0]]!r}; write plain numbers, or name the others in data.columns"
            )
        if columns is not None and share == 0:
            raise UserError(f"{source.path}: column {name} holds text; choose others")
        reason = _no_channel(str(name), column, share) if columns is None else ""
        if reason:
            message = f"{source.path}: column {name} {reason}"
            findings.append(Finding("no channel", message, "left out", column=str(name)))
            continue
        if len(wrong):
            findings.append(_text(source, str(name), wrong, text))
        names.append(str(name))
        dtypes.append(_dtype(cells, column))
        values.append(column)
    if not names:
        raise UserError(
            f"{source.path} holds no column of numbers, but {some(source.frame.columns, 5)!r}; "
            "give a CSV with a header, "
            "or set data.separator"
        )
    return Numbers(tuple(names), tuple(dtypes), np.stack(values, axis=1), tuple(findings))


def _require_present(source: "Source", columns: Sequence[str] | None) -> None:
    absent = [name for name in columns or () if name not in source.frame.columns]
    if absent:
        raise UserError(
            f"{source.path} has no column {some(absent)}; it has: {some(source.frame.columns)}"
        )


def _parsed(cells: "pd.Series") -> tuple[np.ndarray, np.ndarray]:
    """Numbers, and the positions of cells that are none although they are not empty."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan), np.array([], dtype=int)
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return np.full(len(cells), np.nan), np.arange(len(cells))
    try:
        parsed = pd.to_numeric(cells, errors="coerce")
    except (TypeError, ValueError):  # lists and the like
        return np.full(len(cells), np.nan), np.flatnonzero(cells.notna())
    found = parsed.to_numpy(dtype=np.float64, na_value=np.nan)
    filled = cells.notna().to_numpy() & (cells.astype("string").str.strip() != "").fillna(False)
    return found, np.flatnonzero(np.isnan(found) & np.asarray(filled, dtype=bool))


def _no_channel(name: str, column: np.ndarray, share: float) -> str:
    """Why a column that nobody asked for is no channel; empty where it is one."""
    if share < 0.5:
        return "holds text"
    if np.isnan(column).all():
        return "is empty"
    index = name.casefold() in INDICES or name.startswith("Unnamed: ")
    return "counts rows" if index and is_counter(column) else ""


def _decimal_commas(cells: "pd.Series", wrong: np.ndarray) -> bool:
    return bool(len(wrong)) and _most(cells, wrong, DECIMAL_COMMA)


def _most(cells: "pd.Series", wrong: np.ndarray, form: str) -> bool:
    """Whether most of the cells at `wrong` are written like `form`."""
    alike = cells.iloc[wrong].astype("string").str.strip().str.match(form)
    return bool(alike.fillna(False).mean() > 0.5)


def _text(source: "Source", name: str, wrong: np.ndarray, text: str) -> Finding:
    first = int(wrong[0])
    line = "" if source.first_line is None else f" (line {first + source.first_line})"
    return Finding(
        "text",
        f"{source.path}: column {name}, row {first}{line} is "
        f"{str(source.frame[name].iloc[first])[:60]!r}, no number; such cells: {len(wrong)}",
        REFUSED if text == "refuse" else "taken as missing",
        "correct them, or set data.text=missing to take them as missing",
        len(wrong),
        name,
    )


def _dtype(cells: "pd.Series", column: np.ndarray) -> str:
    if cells.dtype.kind in "iu" and np.isfinite(column).all():
        return str(cells.dtype).lower()
    return "float32" if str(cells.dtype).lower() == "float32" else "float64"
