"""A mean that follows what it is shown."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError


class RunningMean(nn.Module):
    r"""Exponential moving average of batch means, unbiased from its first step.

    After n updates $m \leftarrow m + r (\bar x - m)$ with $r = \max(1 - d, 1/n)$: the plain mean of
    all batches while they are few, decay d afterwards. Its state lies in buffers. Each process
    follows its own batches.

    Args:
        decay: d in [0, 1).

    Raises:
        UserError: If the decay is out of range.

    >>> mean = RunningMean(0.5)
    >>> [float(mean.update(torch.tensor([x]))) for x in (4.0, 2.0, 1.0)]
    [4.0, 3.0, 2.0]
    """

    value: Tensor
    count: Tensor

    def __init__(self, decay: float) -> None:
        super().__init__()
        if not 0 <= decay < 1:
            raise UserError(f"regularizer: decay is {decay}; expected 0 or more, less than 1")
        self.decay = decay
        self.register_buffer("value", torch.tensor(0.0))
        self.register_buffer("count", torch.tensor(0))

    @torch.no_grad()
    def update(self, x: Float[Tensor, " b"]) -> Float[Tensor, ""]:
        """Take in one batch; the mean now, without graph."""
        self.count = self.count + 1
        rate = self.count.reciprocal().clamp(min=1 - self.decay).to(self.value)
        # A new tensor: the graph of a loss that is still to be differentiated may hold the old one.
        self.value = torch.lerp(self.value, x.mean().to(self.value), rate)
        return self.value
