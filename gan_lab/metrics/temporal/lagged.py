"""The past of a series as columns of a regression."""

import torch
from jaxtyping import Float
from torch import Tensor


def lagged(x: Float[Tensor, "*b t"], lags: int) -> Float[Tensor, "*b k n"]:
    """$x_{t-1}, ..., x_{t-k}$ for t = k+1, ..., T: shape `(*b, k, T - k)`, nearest lag first.

    >>> lagged(torch.tensor([1.0, 2.0, 3.0, 4.0]), 2)
    tensor([[2., 3.],
            [1., 2.]])
    """
    n = x.shape[-1] - lags
    if lags == 0:
        return x.new_zeros(*x.shape[:-1], 0, n)
    return torch.stack([x[..., lags - k : lags - k + n] for k in range(1, lags + 1)], dim=-2)
