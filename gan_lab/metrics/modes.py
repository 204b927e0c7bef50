"""Mode coverage: where the modes of the population are known, which ones do samples reach?"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError


@dataclass(frozen=True)
class ModeReport:
    """How n samples spread over m modes.

    Attributes:
        n: Number of samples.
        counts: High-quality samples at each mode, m numbers.
        covered: Modes with at least `at_least` high-quality samples.
        at_least: That number.
        high_quality: Share of the samples that lie at a mode, in [0, 1].
        kl: Kullback-Leibler divergence from the shares of the modes to the uniform
            distribution, in nats: 0 when all are equal, log m when all samples are at one mode,
            NaN when none is at any.
    """

    n: int
    counts: tuple[int, ...]
    covered: int
    at_least: int
    high_quality: float
    kl: float


def mode_report(
    samples: Float[Tensor, "n d"],
    centres: Float[Tensor, "m d"],
    sigma: float,
    *,
    radius: float = 3.0,
    at_least: int = 1,
) -> ModeReport:
    r"""Assign each sample to its nearest mode; within `radius` $\sigma$ it is of high quality.

    With $\hat p_k$ the share of mode k among the high-quality samples,

    $$ \mathrm{KL} = \sum_{k=1}^m \hat p_k \log(m \hat p_k). $$

    The population itself does not score 1: in the plane a Gaussian keeps
    $1 - e^{-\mathrm{radius}^2 / 2}$ of its mass in the circle, 98.9 % at radius 3; and n perfect
    samples have a KL of about $(m - 1) / 2n$. The count of modes depends on n: compare reports of
    equal n only.

    Args:
        samples: Generated points, `(n, d)`, in the units of the centres.
        centres: Where the modes are, `(m, d)`.
        sigma: Standard deviation of a mode.
        radius: Largest distance of a high-quality sample, in standard deviations.
        at_least: High-quality samples that a covered mode has.

    Raises:
        UserError: If there are no samples or no modes, or a number is not positive.

    Source: Srivastava et al., "VEEGAN", 2017, sec. 4.1 (modes and quality); Lin et al.,
    "PacGAN", 2018, sec. 4.1 (the reverse KL).

    >>> centres = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    >>> report = mode_report(torch.tensor([[0.0, 0.1], [0.5, 0.0]]), centres, 0.05)
    >>> report.covered, report.high_quality
    (1, 0.5)
    """
    if len(samples) == 0 or len(centres) == 0:
        raise UserError("mode report: there are no samples or no modes; expected at least one each")
    if not (sigma > 0 and radius > 0):
        raise UserError(f"mode report: sigma is {sigma}, radius {radius}; expected both above 0")
    gap, nearest = torch.cdist(
        samples.double(), centres.double(), compute_mode="donot_use_mm_for_euclid_dist"
    ).min(dim=1)
    return _report(nearest[gap <= radius * sigma], len(samples), len(centres), at_least)


def class_modes(labels: Int[Tensor, " n"], num_modes: int, *, at_least: int = 1) -> ModeReport:
    """The same report where a classifier's decision is the mode, as for stacked MNIST.

    A classifier rejects nothing: every sample counts as high quality. For digits stacked in
    the colour channels the mode is 100 r + 10 g + b.

    Args:
        labels: Predicted mode of each sample, `(n,)`, in `[0, num_modes)`.
        num_modes: Number of modes m, found or not.
        at_least: Samples that a covered mode has.

    Raises:
        UserError: If there are no samples or a label is not in `[0, num_modes)`.

    Source: Metz et al., "Unrolled generative adversarial networks", 2017, sec. 3.3.1.

    >>> class_modes(torch.tensor([0, 0, 2, 2]), 4).covered
    2
    """
    if len(labels) == 0:
        raise UserError("class modes: there are no samples; expected at least one")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= num_modes:
        raise UserError(f"class modes: labels from {low} to {high}; expected 0 to {num_modes - 1}")
    return _report(labels, len(labels), num_modes, at_least)


def kl_to_uniform(counts: Int[Tensor, " m"]) -> float:
    r"""$\sum_k \hat p_k \log(m \hat p_k)$ with $\hat p = \text{counts} / \sum \text{counts}$.

    Args:
        counts: Samples at each of m modes, `(m,)`.

    Returns:
        Nats, in [0, log m]; NaN without a sample.

    >>> kl_to_uniform(torch.tensor([5, 5]))
    0.0
    """
    total = counts.sum()
    if total == 0:
        return math.nan
    p = counts.double() / total
    # Rounding can leave -1e-16 at the uniform distribution, where the divergence is 0.
    return max(0.0, float(torch.special.xlogy(p, p * len(counts)).sum()))


def _report(mode: Int[Tensor, " k"], n: int, num_modes: int, at_least: int) -> ModeReport:
    if at_least < 1:
        raise UserError(f"at_least is {at_least}; expected 1 or more")
    counts = torch.bincount(mode, minlength=num_modes)
    return ModeReport(
        n=n,
        counts=tuple(counts.tolist()),
        covered=int((counts >= at_least).sum()),
        at_least=at_least,
        high_quality=len(mode) / n,
        kl=kl_to_uniform(counts),
    )
