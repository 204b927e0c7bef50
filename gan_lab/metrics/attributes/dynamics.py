"""Attributes of single series: level, volatility, roughness, trend, memory, Granger strength.

All take series `(b, c, t)` and give one number per series, the mean over the channels. In model
range channels have about unit variance, so that none of them dominates.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.temporal.granger import granger_pairs
from gan_lab.metrics.temporal.moments import autocorrelation


def level(x: Float[Tensor, "b c t"]) -> Float[Tensor, " b"]:
    """Mean over time."""
    return x.double().mean((1, 2))


def volatility(x: Float[Tensor, "b c t"]) -> Float[Tensor, " b"]:
    """Standard deviation over time about the series' own mean.

    Of a series of changes, such as returns, that is its volatility; of levels, how far they swing.
    """
    return x.double().std(2, correction=0).mean(1)


def roughness(x: Float[Tensor, "b c t"]) -> Float[Tensor, " b"]:
    """Root mean square of the changes from step to step."""
    return x.double().diff(dim=2).square().mean(2).sqrt().mean(1)


def trend(x: Float[Tensor, "b c t"]) -> Float[Tensor, " b"]:
    """Slope of the least-squares line, per step."""
    time = torch.arange(x.shape[2], dtype=torch.float64, device=x.device)
    time = time - time.mean()
    return ((x.double() @ time) / time.square().sum().clamp_min(1e-12)).mean(1)


def memory(x: Float[Tensor, "b c t"]) -> Float[Tensor, " b"]:
    """Autocorrelation at lag 1; constant channels are left out, NaN where all are."""
    return autocorrelation(x.double(), 1)[:, :, 1].nanmean(1)


def granger(x: Float[Tensor, "b c t"], lag: int = 1) -> Float[Tensor, " b"]:
    r"""Granger strength $\ln(\mathrm{RSS}_{without} / \mathrm{RSS}_{with})$, over ordered pairs.

    The pairwise test in every series: a third channel that drives both counts too. Pairs that
    cannot be tested are left out; NaN where none can.
    """
    strength = granger_pairs(x, lag).strength
    pairs = ~torch.eye(x.shape[1], dtype=torch.bool, device=x.device)
    return strength[:, pairs].nanmean(1)


def granger_edge(x: Float[Tensor, "b c t"], cause: int, effect: int, lag: int = 1) -> Tensor:
    """Granger strength of one channel on another in every series, `(b,)`."""
    return granger_pairs(x[:, [cause, effect]], lag).strength[:, 0, 1]
