"""What is one value for a whole series: its class, or numbers that describe it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.table.history import History
from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.data.table.reading import Source

MOST = 10.0
"""Largest number that a condition may be: networks read numbers of about unit variance."""


@dataclass(frozen=True)
class Condition:
    """Columns that windows inherit from their series; at most one of the two is given.

    Attributes:
        label: Column of classes.
        static: Columns of numbers.
    """

    label: str | None = None
    static: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is one kind of label.

        Raises:
            UserError: If both are given.
        """
        if self.label is not None and self.static:
            raise UserError("data.label and data.static are both given; a label is one of the two")

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return self.static if self.label is None else (self.label,)

    @property
    def key(self) -> str:
        """Key of the configuration that names them."""
        return "data.static" if self.label is None else "data.label"


@dataclass(frozen=True)
class Conditions:
    """Labels of every series.

    Attributes:
        classes: Names of the classes, in order; empty without.
        attributes: Names of the numbers; empty without.
        label: Class `(h,)` or numbers `(h, k)` of each of h series, or None.
    """

    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    label: Int[Tensor, " h"] | Float[Tensor, "h k"] | None = None

    def of_windows(self, counts: Sequence[int]) -> Tensor | None:
        """The label of every window, where series i has `counts[i]` of them."""
        return None if self.label is None else self.label.repeat_interleave(torch.tensor(counts), 0)


def require_columns(source: "Source", condition: Condition) -> None:
    """Check that the columns exist.

    Raises:
        UserError: If one does not.
    """
    absent = [name for name in condition.columns if name not in source.frame.columns]
    if absent:
        raise UserError(
            f"{source.path} has no column {absent[0]!r} for {condition.key}; "
            f"it has: {', '.join(map(str, source.frame.columns))}"
        )


def values_of(frame: "pd.DataFrame", condition: Condition, series: str) -> tuple[object, ...]:
    """The one value of each column in the rows of one series.

    Raises:
        UserError: If a value is missing, or changes within the series.
    """
    found = []
    for name in condition.columns:
        values = frame[name].unique()
        if len(values) != 1 or values[0] != values[0] or values[0] is None:
            shown = ", ".join(map(str, values[:3]))
            raise UserError(
                f"{series}: column {name} of {condition.key} holds {shown}; expected one value a "
                "series: name the column that tells series apart with data.group"
            )
        found.append(values[0])
    return tuple(found)


def conditions(histories: Sequence[History], condition: Condition) -> Conditions:
    """Labels of the series that are left after cleaning.

    Raises:
        UserError: If a number is none, or too large for a network to read.
    """
    if condition.label is not None:
        words = [str(history.static[0]) for history in histories]
        classes = tuple(sorted(set(words)))
        numbers = torch.tensor([classes.index(word) for word in words])
        return Conditions(classes=classes, label=numbers)
    if not condition.static:
        return Conditions()
    rows = [[_number(v, n, h) for v, n in zip(h.static, condition.static, strict=True)]
            for h in histories]  # fmt: skip
    return Conditions(attributes=condition.static, label=torch.tensor(rows))


def _number(value: object, name: str, history: History) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise UserError(
            f"{history.name}: column {name} of data.static is {value!r}, no number; "
            f"for names use data.label={name}"
        ) from error
    if not abs(number) <= MOST:
        raise UserError(
            f"{history.name}: column {name} of data.static is {number:g}; networks read numbers of "
            f"about unit variance, up to {MOST:g}: rescale the column"
        )
    return number
