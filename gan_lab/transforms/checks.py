"""What every transform asks of its rows."""

from collections.abc import Sequence

from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError


def column_name(names: Sequence[str], index: int) -> str:
    """The name of a column, or its number where columns have none."""
    return str(names[index]) if index < len(names) else str(index)


def require_rows(x: Float[Tensor, "t c"], least: int, names: Sequence[str]) -> None:
    """Check that there are rows to fit and that all values are finite.

    Raises:
        UserError: If there are too few rows, or a value is missing or infinite.
    """
    if len(x) < least or x.shape[1] == 0:
        raise UserError(
            f"a table of {x.shape[0]} rows and {x.shape[1]} columns; expected {least} or more rows"
        )
    require_all(x.isfinite(), x, names, "expected a finite number; fill or drop missing values")


def require_channels(x: Float[Tensor, "*b t c"], channels: int) -> None:
    """Check that values have the channels that the transform was fitted to.

    Raises:
        UserError: If their number differs.
    """
    if x.shape[-1] != channels:
        raise UserError(f"{x.shape[-1]} channels; the transform was fitted to {channels}")


def numbered(columns: Sequence[int | str], names: Sequence[str]) -> tuple[int, ...]:
    """Numbers of columns that are given by number or by name; case does not matter.

    Raises:
        UserError: If a name does not exist.

    >>> numbered(["Close", 0], ["open", "close"])
    (1, 0)
    """
    known = {str(name).casefold(): i for i, name in enumerate(names)}
    known |= {str(name): i for i, name in enumerate(names)}
    absent = [c for c in columns if isinstance(c, str) and not {c, c.casefold()} & set(known)]
    if absent:
        raise UserError(f"no column {', '.join(map(str, absent))}; columns: {', '.join(names)}")
    return tuple(
        (known[c] if c in known else known[c.casefold()]) if isinstance(c, str) else c
        for c in columns
    )


def require_columns(columns: Sequence[int], channels: int) -> tuple[int, ...]:
    """Check that column numbers exist and differ, and return them.

    Raises:
        UserError: If one does not exist, or comes twice.
    """
    if len(set(columns)) < len(columns) or not all(0 <= index < channels for index in columns):
        raise UserError(
            f"columns {list(columns)}: expected different ones from 0 to {channels - 1}"
        )
    return tuple(columns)


def require_all(
    valid: Bool[Tensor, "*b t c"],
    x: Float[Tensor, "*b t c"],
    names: Sequence[str],
    expected: str,
) -> None:
    """Check that a condition holds everywhere, or name the first column and row where it fails.

    Raises:
        UserError: If it fails.
    """
    bad = (~valid).nonzero()
    if len(bad) == 0:
        return
    *window, row, column = bad[0].tolist()
    place = f"column {column_name(names, column)}, row {row}"
    if window:
        place = f"window {', '.join(map(str, window))}, {place}"
    raise UserError(f"{place} is {float(x[tuple(bad[0].tolist())])}; {expected}")
