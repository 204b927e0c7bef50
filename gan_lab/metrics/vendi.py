"""Vendi score: the effective number of different samples in one set."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def vendi_score(x: Float[Tensor, "n d"]) -> float:
    r"""$\exp(-\sum_i \lambda_i \log \lambda_i)$, $\lambda$ the eigenvalues of $K / n$, in float64.

    $K$ holds the cosine similarities of the rows. It lies between 1 (all rows point the same way)
    and min(n, d) (all at right angles). It looks at one set alone: noise scores high, so read it
    beside the same number of real rows. The smaller of $K$ and its d x d dual is used.

    Args:
        x: Features, `(n, d)`.

    Raises:
        UserError: If a row is zero, which has no direction, or there is none.

    Source: Friedman & Dieng, "The Vendi score", 2023, definition 3.1.

    >>> round(vendi_score(torch.eye(4)[[0, 0, 1, 1]]), 9)
    2.0
    """
    if len(x) == 0:
        raise UserError("Vendi score: there are no rows")
    length = torch.linalg.vector_norm(x.double(), dim=1, keepdim=True)
    if not bool((length > 0).all()):
        row = int((length[:, 0] > 0).logical_not().nonzero()[0])
        raise UserError(f"Vendi score: row {row} is zero or NaN and has no direction; drop it")
    unit = x.double() / length
    gram = unit.T @ unit if len(x) > x.shape[1] else unit @ unit.T
    share = torch.linalg.eigvalsh(gram / len(x)).clamp(min=0.0)
    return float(torch.special.entr(share).sum().exp())
