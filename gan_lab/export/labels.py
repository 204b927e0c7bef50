"""Labels that a person gives, or none, to the labels that a generator reads."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError

Given = (
    int | float | str | Sequence[int | str] | Sequence[float] | Sequence[Sequence[float]] | Tensor
)


def class_labels(given: Given, n: int, names: Sequence[str]) -> Int[Tensor, " n"]:
    """One class number for each of `n` samples.

    Args:
        given: A class number or name for all samples, or one for each.
        n: Number of samples.
        names: Names of the classes.

    Raises:
        UserError: If a class does not exist, or their number is not `n`.
    """
    if isinstance(given, int | str):
        return torch.full((n,), _number(given, names))
    values: Sequence[object] = given.tolist() if isinstance(given, Tensor) else _sequence(given)
    if len(values) != n:
        raise UserError(f"{len(values)} labels for {n} samples; give one, or one per sample")
    return torch.tensor([_number(value, names) for value in values], dtype=torch.long)


def attribute_labels(given: Given, n: int, names: Sequence[str]) -> Float[Tensor, "n k"]:
    """One row of attributes for each of `n` samples.

    Args:
        given: A number (for one attribute) or a row for all samples, or `n` rows.
        n: Number of samples.
        names: Names of the attributes.

    Raises:
        UserError: If the numbers do not fit the attributes and the samples.
    """
    try:
        rows = torch.as_tensor(given, dtype=torch.float32)
    except (TypeError, ValueError) as error:
        raise UserError(f"label {given!r} holds something that is no number") from error
    k = len(names)
    rows = rows.view(1, 1) if rows.ndim == 0 else rows
    rows = rows[None] if rows.ndim == 1 and len(rows) == k else rows
    if rows.ndim != 2 or rows.shape[1] != k or len(rows) not in (1, n):
        raise UserError(
            f"label of shape {tuple(rows.shape)}: expected {k} number{'s' * (k > 1)} "
            f"({', '.join(names)}) for all samples, or {n} rows of them"
        )
    return rows.expand(n, k)


def _sequence(given: object) -> Sequence[object]:
    if not isinstance(given, Sequence):
        raise UserError(f"label {given!r} is neither a class number, a name, nor a list of them")
    return given


def _number(label: object, names: Sequence[str]) -> int:
    if isinstance(label, str) and label in names:
        return names.index(label)
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < len(names):
        raise UserError(
            f"label {label!r} does not exist; expected 0 to {len(names) - 1} "
            f"or one of: {', '.join(names)}"
        )
    return label
