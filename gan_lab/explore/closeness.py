"""How close a reconstruction is, and how close the nearest training sample would have been."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.neighbours import nearest
from gan_lab.spec import DataSpec


@dataclass(frozen=True, eq=False)
class Yardstick:
    """The training sample nearest to each target.

    Attributes:
        error: Its mean squared error against the target in model range, `(b,)`.
        index: Its row, `(b,)`.
    """

    error: Float[Tensor, " b"]
    index: Int[Tensor, " b"]


def nearest_training(
    target: Float[Tensor, "b c *s"], train: Float[Tensor, "n c *s"], *, itself: bool = False
) -> Yardstick:
    """The error of looking a target up among the training rows instead of inverting it.

    Args:
        target: Samples in model range.
        train: Training rows in model range.
        itself: Whether targets are training rows: rows that equal the target do not count.

    Raises:
        UserError: If there are no other rows.
    """
    flat, rows = target.cpu().flatten(1), train.cpu().flatten(1)
    k = min(2, len(rows)) if itself else 1
    found = nearest(flat, rows, k=k)
    column = (
        (found.distance[:, 0] == 0).long() if itself and k > 1 else torch.zeros(len(flat)).long()
    )
    row = torch.arange(len(flat))
    error = found.distance[row, column].square() / flat.shape[1]
    return Yardstick(error.float(), found.index[row, column])


def psnr(error: Float[Tensor, " b"], spec: DataSpec) -> Float[Tensor, " b"]:
    r"""Peak signal-to-noise ratio $10 \log_{10}(r^2 / e)$ in decibels, `(b,)`.

    r is the range of the data in model range, such as 2 for pixels; without bounds it is 2.
    """
    low, high = spec.bounds or (-spec.scale[0], spec.scale[0])
    peak = (high - low) / spec.scale[0]
    ratio: Tensor = 10 * torch.log10(peak**2 / error.clamp_min(1e-20))
    return ratio


def nrmse(error: Float[Tensor, " b"], target: Float[Tensor, "b c *s"]) -> Float[Tensor, " b"]:
    """Root mean squared error over the target's own standard deviation about its channel means."""
    flat = target.flatten(2) if target.ndim > 2 else target[:, None]
    variance = flat.var(2, correction=0).mean(1)
    share: Tensor = (error / variance.to(error).clamp_min(1e-20)).sqrt()
    return share
