"""The one factorisation behind every test here: the triangular factor of a regression."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.metrics.temporal.reason import Reason

# A column of length 1 whose part outside the span of the earlier ones is shorter than this: float64
# leaves fewer than eight digits of its coefficient.
COLLINEAR_BELOW = 1e-7
# A residual whose sum of squares is below float64's epsilon times that of the target.
PERFECT_BELOW = 2.0**-26
# Such a part, above which products of columns lose no more than four of sixteen digits.
_SAFE = 1e-2


def triangular_factor(columns: Float[Tensor, "b n k"]) -> Float[Tensor, "b m k"]:
    r"""$R$ of $X D = Q R$, with $D$ scaling columns to length 1 and $R_{ii} \ge 0$.

    With the regressors first and the target last, everything a test needs can be read off $R$:

    - $R_{kk}^2$ is the residual sum of squares of the full regression, in units of the target's;
    - $R_{ik}^2$ is what regressor i explains beyond the regressors before it;
    - $R_{k-1,k} / R_{kk} \cdot \sqrt{\text{degrees of freedom}}$ is the t value of the last one.

    Well-conditioned regressions go through $X^\top X$, which is fast but squares the condition
    number; the others through reflections of $X$ itself.

    Args:
        columns: Regressors, then targets, `(b, n, k)`.

    Returns:
        `(b, min(n, k), k)`.

    Source: Golub and Van Loan, "Matrix computations", sec. 5.2 and 5.3.

    >>> triangular_factor(torch.tensor([[[3.0, 3.0], [4.0, 4.0]]]))
    tensor([[[1., 1.],
             [0., 0.]]])
    """
    if columns.shape[1] < columns.shape[2]:
        return householder_factor(columns)
    r, safe = cholesky_factor(columns.mT @ columns)
    if not safe.all():
        r[~safe] = householder_factor(columns[~safe])
    return r


def cholesky_factor(
    gram: Float[Tensor, "*b k k"],
) -> tuple[Float[Tensor, "*b k k"], Bool[Tensor, "*b"]]:
    r"""`triangular_factor` from $X^\top X$, and where it is accurate to about twelve digits."""
    square = gram.diagonal(dim1=-2, dim2=-1)
    scale = torch.where(square > 0, square, 1.0).rsqrt()
    lower, failed = torch.linalg.cholesky_ex(gram * scale[..., :, None] * scale[..., None, :])
    least = lower.diagonal(dim1=-2, dim2=-1).amin(dim=-1)
    return lower.mT, (failed == 0) & (least > _SAFE)


def householder_factor(columns: Float[Tensor, "b n k"]) -> Float[Tensor, "b m k"]:
    """`triangular_factor` by reflections, as accurate as the data allow."""
    length = columns.norm(dim=1, keepdim=True)
    unit = columns / torch.where(length > 0, length, 1.0)
    r: Tensor = torch.linalg.qr(unit, mode="r").R
    sign = torch.where(r.diagonal(dim1=-2, dim2=-1) < 0, -1.0, 1.0).to(r.dtype)
    return r * sign[..., None]


def collinear(r: Float[Tensor, "b m k"], regressors: int) -> Bool[Tensor, " b"]:
    """Whether one of the first `regressors` columns is a combination of those before it."""
    return (r.diagonal(dim1=-2, dim2=-1)[:, :regressors] < COLLINEAR_BELOW).any(dim=1)


def regression_reason(r: Float[Tensor, "b k k"]) -> Int[Tensor, " b"]:
    """What is wrong with regressions of the last column on the others: `Reason` codes."""
    reason = torch.zeros(len(r), dtype=torch.int64, device=r.device)
    reason[r[:, -1, -1] < PERFECT_BELOW] = Reason.PERFECT_FIT
    reason[collinear(r, r.shape[-1] - 1)] = Reason.COLLINEAR
    return reason
