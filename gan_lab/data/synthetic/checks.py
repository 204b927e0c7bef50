"""What every simulator asks of its arguments."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def require_between(name: str, value: float, low: float, high: float) -> float:
    """Check that a number lies strictly between two others, and return it.

    Raises:
        UserError: If it does not.
    """
    if not low < value < high:
        raise UserError(f"data.{name} is {value}; expected a number between {low} and {high}")
    return float(value)


def require_positive(name: str, value: float) -> float:
    """Check that a number is positive and finite, and return it.

    Raises:
        UserError: If it is not.
    """
    if not 0 < value < math.inf:
        raise UserError(f"data.{name} is {value}; expected a positive number")
    return float(value)


def require_finite(name: str, value: float) -> float:
    """Check that a number is finite, and return it.

    Raises:
        UserError: If it is not.
    """
    if not math.isfinite(value):
        raise UserError(f"data.{name} is {value}; expected a finite number")
    return float(value)


def require_matrix(
    name: str, rows: Sequence[Sequence[float]], shape: tuple[int | None, int | None]
) -> Float[Tensor, "r c"]:
    """Turn nested lists into a float64 matrix of the expected shape; None leaves a size free.

    Raises:
        UserError: If rows differ in length, a number is not finite, or the shape does not fit.
    """
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths == {0}:
        raise UserError(f"data.{name} needs rows of equal length, one list of numbers each")
    matrix = torch.tensor([[float(value) for value in row] for row in rows], dtype=torch.float64)
    fits = all(want in (None, have) for want, have in zip(shape, matrix.shape, strict=True))
    if not fits or not matrix.isfinite().all():
        expected = " x ".join("any" if want is None else str(want) for want in shape)
        raise UserError(
            f"data.{name} has shape {matrix.shape[0]} x {matrix.shape[1]}; "
            f"expected finite numbers, {expected}"
        )
    return matrix


def equicorrelated(channels: int, std: float, correlation: float) -> Float[Tensor, "c c"]:
    r"""Covariance $\sigma^2 ((1 - \rho) I + \rho\, 1 1^\top)$ of shocks, `(c, c)` in float64.

    Raises:
        UserError: If `std` is not positive, or `correlation` leaves the matrix not positive
            definite: it must lie between $-1/(c-1)$ and 1.
    """
    require_positive("noise_std", std)
    require_between("correlation", correlation, -1 / max(channels - 1, 1), 1.0)
    ones = torch.ones(channels, channels, dtype=torch.float64)
    eye = torch.eye(channels, dtype=torch.float64)
    return std**2 * ((1 - correlation) * eye + correlation * ones)
