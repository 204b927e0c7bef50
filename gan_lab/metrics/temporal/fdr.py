"""Many tests at once."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def benjamini_hochberg(p_value: Float[Tensor, "*b"], q: float = 0.05) -> Bool[Tensor, "*b"]:
    r"""Which nulls to reject so that at most a share q of the rejected are true, in expectation.

    With m p-values, sorted, those up to the largest k with $p_{(k)} \le q k / m$. NaN is no test:
    it is neither counted nor rejected.

    Args:
        p_value: All the p-values of one family, any shape.
        q: The false-discovery rate.

    Source: Benjamini and Hochberg, JRSS B 57, 1995, eq. 1.

    >>> benjamini_hochberg(torch.tensor([0.01, 0.02, 0.03, 0.9, float("nan")])).tolist()
    [True, True, True, False, False]
    """
    tested = ~p_value.isnan()
    ordered = p_value[tested].sort().values
    line = q * torch.arange(1, len(ordered) + 1, device=p_value.device) / len(ordered)
    below = ordered[ordered <= line]
    if len(below) == 0:
        return torch.zeros_like(tested)
    return p_value <= below[-1]


def rejection_rate(p_value: Float[Tensor, "b c *s"], level: float = 0.05) -> Float[Tensor, "..."]:
    """Share of the defined tests along the first axis with p below `level`: `(c, *s)`.

    >>> rejection_rate(torch.tensor([[0.01], [0.2], [float("nan")]]))
    tensor([0.5000])
    """
    tested = ~p_value.isnan()
    return (p_value < level).sum(dim=0) / tested.sum(dim=0)
