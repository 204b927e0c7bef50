r"""Does an augmentation leak into what the generator learns?

The critic compares augmented with augmented. On a population of m known modes an augmentation is a
matrix of transitions P, and the generator is pushed towards $P w_G = P w$. Its own weights follow,
$w_G = w$, exactly where P can be inverted; where it cannot, the generator may settle on weights,
or on augmented samples, that the data do not have. Source: Karras et al., "Training generative
adversarial networks with limited data", 2020, sec. 2.2 and appendix C.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.types import Transform


@dataclass(frozen=True)
class Leak:
    """What an augmentation does to known modes.

    Attributes:
        transition: Column j holds where mode j ends up, `(m, m)`, float64; columns sum to 1.
        smallest_singular_value: 0 where weights of the modes cannot be told apart any more.
        error: Bound on the sampling error of that value.
    """

    transition: Float[Tensor, "m m"]
    smallest_singular_value: float
    error: float

    @property
    def leaks(self) -> bool:
        """Whether the transitions cannot be told from ones that lose information."""
        return self.smallest_singular_value <= self.error


def measure_leak(
    augment: Transform | Callable[..., Tensor],
    modes: Float[Tensor, "m c *s"],
    rng: torch.Generator,
    *,
    draws: int = 10_000,
    confidence: float = 0.999,
) -> Leak:
    r"""Estimate the transitions between modes; each augmented one counts for the nearest mode.

    With n draws per mode, the error of column j has an expected squared length of at most 1/n, and
    one draw moves it by at most $\sqrt 2 / n$; by McDiarmid's inequality and Weyl's, the smallest
    singular value is wrong by no more than $\sqrt{m / n}\,(1 + \sqrt{\log(m / \alpha)})$ with
    probability $1 - \alpha$.

    Args:
        augment: What to judge.
        modes: One sample of each mode.
        rng: Source of randomness.
        draws: Augmented copies of each mode, n.
        confidence: Probability that the bound holds, $1 - \alpha$.
    """
    m = len(modes)
    columns = []
    for mode in modes:
        copies = augment(mode.expand(draws, *mode.shape), rng).flatten(1)
        nearest = torch.cdist(copies.double(), modes.flatten(1).double()).argmin(1)
        columns.append(torch.bincount(nearest, minlength=m).double() / draws)
    transition = torch.stack(columns, 1)
    smallest = float(torch.linalg.svdvals(transition)[-1])
    error = math.sqrt(m / draws) * (1 + math.sqrt(math.log(m / (1 - confidence))))
    return Leak(transition, smallest, error)
