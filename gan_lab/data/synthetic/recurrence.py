r"""Linear recurrences over a whole series at once, by doubling.

If $x_t = A x_{t-1} + b_t$, then $x_t = A^2 x_{t-2} + (A b_{t-1} + b_t)$: the same form with twice
the step. After $\lceil \log_2 T \rceil$ rounds no earlier state is left.

Source: Hillis and Steele 1986 (data parallel algorithms, prefix sums).
"""

import torch
from jaxtyping import Float
from torch import Tensor


def vector_recurrence(
    matrix: Float[Tensor, "d d"], drive: Float[Tensor, "n t d"]
) -> Float[Tensor, "n t d"]:
    """Solve `x[:, t] = matrix @ x[:, t - 1] + drive[:, t]` with zeros before the first step."""
    x, power, shift = drive.clone(), matrix, 1
    while shift < x.shape[1]:
        x[:, shift:] += x[:, :-shift] @ power.T
        power, shift = power @ power, 2 * shift
    return x


def scalar_recurrence(
    factor: Float[Tensor, "n t"], drive: Float[Tensor, "n t"]
) -> Float[Tensor, "n t"]:
    """Solve `x[:, t] = factor[:, t] * x[:, t - 1] + drive[:, t]` with zeros before the start."""
    x, product, shift = drive.clone(), factor.clone(), 1
    while shift < x.shape[1]:
        x[:, shift:] += product[:, shift:] * x[:, :-shift]
        product[:, shift:] = product[:, shift:] * product[:, :-shift]
        shift *= 2
    return x


def stationary_covariance(
    matrix: Float[Tensor, "d d"], noise: Float[Tensor, "d d"]
) -> Float[Tensor, "d d"]:
    r"""Covariance of the stationary solution, $\Gamma = A \Gamma A^\top + Q$, in float64.

    It is the sum of $A^k Q (A^k)^\top$, of which every round doubles the number of terms. The
    spectral radius of `matrix` must be below 1.
    """
    total, power = noise, matrix
    while power.abs().max() > 1e-20:
        total, power = total + power @ total @ power.T, power @ power
    return (total + total.T) / 2


def spectral_radius(matrix: Float[Tensor, "d d"]) -> float:
    """Largest modulus of an eigenvalue."""
    return float(torch.linalg.eigvals(matrix).abs().max())
