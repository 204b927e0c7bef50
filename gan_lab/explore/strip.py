"""What happens along a direction: samples, the gauge, and every attribute before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.explore.cohort import Cohort
from gan_lab.explore.direction import Direction
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.rescoring import Rescoring, rescore
from gan_lab.metrics.attributes.named import Attribute


@dataclass(frozen=True, eq=False)
class Strip:
    """A cohort moved along one direction.

    Attributes:
        direction: The direction.
        amounts: How far, in standard deviations of the prior, `(s,)`.
        z: Latents, `(b, s, d)`.
        x: Samples in model range, `(b, s, c, *x)`.
        percentile: Gauge of each latent, `(b, s)`.
        moves: How each attribute follows the amount.
    """

    direction: Direction
    amounts: Float[Tensor, " s"]
    z: Float[Tensor, "b s d"]
    x: Float[Tensor, "b s c *x"]
    percentile: Float[Tensor, "b s"]
    moves: Mapping[str, Rescoring]


def follow(
    cohort: Cohort,
    direction: Direction,
    amounts: Float[Tensor, " s"],
    attributes: Mapping[str, Attribute],
    spread: Mapping[str, float],
) -> Strip:
    """Move a cohort along a direction and measure what changes.

    Args:
        cohort: Where to begin.
        direction: Where to go.
        amounts: Increasing amounts; 0 is the cohort itself.
        attributes: What to measure.
        spread: Standard deviation of each attribute among samples, the unit of its effect.
    """
    z, x = cohort.moved(direction, amounts)
    percentile = Gauge(cohort.generator.prior)(z.flatten(0, 1)).reshape(z.shape[:2])
    flat = x.flatten(0, 1)
    moves = {
        name: rescore(measure(flat).reshape(x.shape[:2]), amounts, spread[name])
        for name, measure in attributes.items()
    }
    return Strip(direction, amounts, z, x, percentile, moves)


def spread_of(value: Float[Tensor, " n"]) -> float:
    """Standard deviation of the finite values; NaN for fewer than two."""
    known = value[torch.isfinite(value)].double()
    return float(known.std()) if len(known) > 1 else float("nan")
