"""Characteristics of series: a dozen readable numbers per channel, in the spirit of catch22."""

import hashlib
import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.moments import autocorrelation
from gan_lab.metrics.temporal.spectrum import periodogram

NAMES = (
    "mean", "deviation", "time_scale", "first_minimum", "reversibility", "jumps", "run_above",
    "run_falling", "forecast_error", "low_frequencies", "median_frequency", "pair_entropy",
)  # fmt: skip
JUMP = 0.04
SHORTEST = 8
THIRDS = (1 / 3, 2 / 3)


class Characteristics:
    """`characteristics` of every channel as features; times are shares of the window.

    Raises:
        UserError: When called with windows of fewer than 8 steps, or with data that are no series.
    """

    name = "characteristics"

    digest = hashlib.sha256(b"characteristics 1").hexdigest()

    def __call__(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """`(b, 12 c)`."""
        if x.ndim != 3 or x.shape[2] < SHORTEST:
            raise UserError(
                f"characteristics: samples of shape {tuple(x.shape[1:])}; they describe series of "
                f"{SHORTEST} steps or more"
            )
        return characteristics(x).flatten(1).float()


def characteristics(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b k"]:
    r"""The twelve numbers of `NAMES`, in float64.

    With z the series in standard deviations (n - 1) about its mean and $\rho$ its autocorrelation:
    mean and deviation of x; the lag at which $\rho$ falls below 1/e, between lags by a line, and
    that of its first minimum, both over t; $E (z_{t+1} - z_t)^3$, 0 for reversible series; share of
    steps with $|z_{t+1} - z_t| > .04$; longest run above the mean and longest run of falling steps,
    over t; deviation of z from the mean of its three last values; share of the variance in the
    lowest fifth of the frequencies; frequency below which half of it lies, over the highest; and
    entropy, over its maximum, of pairs of successive thirds. A constant series has 0 in all but
    its mean.

    Args:
        x: Series, `(*b, t)`.

    Returns:
        `(*b, 12)`.

    Source: the choice follows Lubba et al., "catch22: canonical time-series characteristics",
    2019; numbers 3 to 6, 9 are theirs, the others are simpler.
    """
    x = x.double()
    mean, spread = x.mean(dim=-1), x.std(dim=-1)
    z = torch.where(spread[..., None] > 0, (x - mean[..., None]) / spread[..., None], 0.0)
    steps = z.diff(dim=-1)
    rho = autocorrelation(x, x.shape[-1] - 1)
    length = x.shape[-1]
    found = [
        mean,
        spread,
        _time_scale(rho) / length,
        _first_minimum(rho) / length,
        steps.pow(3).mean(dim=-1),
        (steps.abs() > JUMP).double().mean(dim=-1),
        longest_run(z > 0).double() / length,
        longest_run(steps < 0).double() / length,
        (z[..., 3:] - z.unfold(-1, 3, 1)[..., :-1, :].mean(dim=-1)).std(dim=-1),
        *_frequencies(x),
        _pair_entropy(z),
    ]
    kept = torch.stack(found, dim=-1).nan_to_num(0.0)
    moving = (spread > 0)[..., None] | (torch.arange(len(NAMES)) == 0)
    return torch.where(moving, kept, 0.0)


def longest_run(flag: Bool[Tensor, "*b t"]) -> Float[Tensor, "*b"]:
    """Length of the longest run of true values.

    >>> longest_run(torch.tensor([True, False, True, True])).tolist()
    2.0
    """
    run = torch.zeros(flag.shape[:-1], dtype=torch.float64)
    best = run.clone()
    for step in flag.unbind(dim=-1):
        run = torch.where(step, run + 1, 0.0)
        best = torch.maximum(best, run)
    return best


def _time_scale(rho: Tensor) -> Tensor:
    limit = 1 / math.e
    below = rho < limit
    first = below.double().argmax(dim=-1, keepdim=True).clamp(min=1)
    before, after = rho.gather(-1, first - 1)[..., 0], rho.gather(-1, first)[..., 0]
    crossing = first[..., 0] - 1 + (limit - before) / (after - before)
    return torch.where(below.any(dim=-1), crossing, float(rho.shape[-1]))


def _first_minimum(rho: Tensor) -> Tensor:
    inner = (rho[..., 1:-1] < rho[..., :-2]) & (rho[..., 1:-1] < rho[..., 2:])
    place = inner.double().argmax(dim=-1) + 1
    return torch.where(inner.any(dim=-1), place.double(), float(rho.shape[-1]))


def _frequencies(x: Tensor) -> tuple[Tensor, Tensor]:
    power = periodogram(x)[..., 1:]
    share = power.cumsum(dim=-1) / power.sum(dim=-1, keepdim=True)
    count = power.shape[-1]
    lowest = max(1, count // 5)
    median = (share < 0.5).sum(dim=-1) + 1
    return share[..., lowest - 1], median.double() / count


def _pair_entropy(z: Tensor) -> Tensor:
    edges = torch.quantile(z, torch.tensor(THIRDS, dtype=z.dtype), dim=-1)
    symbol = (z > edges[0][..., None]).long() + (z > edges[1][..., None]).long()
    pair = 3 * symbol[..., :-1] + symbol[..., 1:]
    share = torch.stack([(pair == k).double().mean(dim=-1) for k in range(9)], dim=-1)
    entropy: Tensor = torch.special.entr(share).sum(dim=-1) / math.log(9)
    return entropy
