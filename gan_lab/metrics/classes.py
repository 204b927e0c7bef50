"""What a classifier sees in a set of samples: how clear, how varied, as asked?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class ClassReport:
    """A classifier's view of n samples.

    Attributes:
        n: Number of samples.
        confident: Share of samples with a top probability of at least `threshold`.
        threshold: That probability.
        shares: Share of the samples in each predicted class.
        agreement: Share of samples classified as the label they carry; None without labels.
    """

    n: int
    confident: float
    threshold: float
    shares: tuple[float, ...]
    agreement: float | None


def class_report(
    probabilities: Float[Tensor, "n k"],
    label: Int[Tensor, " n"] | None = None,
    *,
    threshold: float = 0.9,
) -> ClassReport:
    """Sum up class probabilities.

    Args:
        probabilities: One row per sample that sums to 1, `(n k)`.
        label: What the sample was meant to be, `(n,)`.
        threshold: Top probability from which a sample counts as clear.

    >>> report = class_report(torch.tensor([[0.95, 0.05], [0.2, 0.8]]), torch.tensor([0, 0]))
    >>> report.confident, report.shares, report.agreement
    (0.5, (0.5, 0.5), 0.5)
    """
    top, predicted = probabilities.max(dim=1)
    counts = torch.bincount(predicted, minlength=probabilities.shape[1])
    return ClassReport(
        n=len(probabilities),
        confident=(top >= threshold).float().mean().item(),
        threshold=threshold,
        shares=tuple((counts / len(probabilities)).tolist()),
        agreement=None if label is None else (predicted == label).float().mean().item(),
    )
