"""Where in the latent space do samples of a kind come from: low-density, rejected, copied ones?"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.metrics.mann_whitney import mann_whitney_z

NEAR = 10
SHUFFLES = 200


@dataclass(frozen=True)
class Origin:
    """How the latents of one kind of samples lie among all latents of a map.

    Attributes:
        name: The kind.
        count: Samples of the kind.
        share: Their share of all samples.
        together: Share of the kind among the latents that are nearest on the map to its own,
            divided by `share`: 1 where it is scattered at random, more where it has regions.
        p: Probability of that ratio or more when the kind is dealt out at random; NaN for none.
        off_prior: z of the test whether its latents are less likely under the prior than others;
            above 2: they come from the outskirts, below -2: from the middle. NaN where all are
            equally likely.
    """

    name: str
    count: int
    share: float
    together: float
    p: float
    off_prior: float


def origin(
    name: str,
    kind: Bool[Tensor, " n"],
    *,
    xy: Float[Tensor, "n 2"],
    log_prob: Float[Tensor, " n"],
    near: int = NEAR,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> Origin:
    """Measure how the latents of a kind of samples lie.

    Args:
        name: The kind, in a word.
        kind: Whether each sample is of it, `(n,)`.
        xy: Places of the latents on a map, `(n, 2)`.
        log_prob: Log-density of the latents, `(n,)`.
        near: Latents around each that are looked at.
        shuffles: Random deals for the null; p is a multiple of 1 / (shuffles + 1).
        seed: Seed of the deals.
    """
    n, count = len(kind), int(kind.sum())
    if count == 0 or count == n or n <= near + 1:
        return Origin(name, count, count / n, torch.nan, torch.nan, torch.nan)
    around = _around(xy, near)
    rng = torch.Generator().manual_seed(seed)
    ratio = _together(kind, around)
    null = torch.tensor(
        [_together(kind[torch.randperm(n, generator=rng)], around) for _ in range(shuffles)]
    )
    p = (1 + int((null >= ratio).sum())) / (shuffles + 1)
    flat = float(log_prob.max() - log_prob.min()) < 1e-6
    off = torch.nan if flat else mann_whitney_z(-log_prob[kind], -log_prob[~kind])
    return Origin(name, count, count / n, ratio, p, off)


def _around(xy: Tensor, near: int) -> Tensor:
    """The nearest other places of each, `(n, near)`."""
    distance = torch.cdist(xy.double(), xy.double())
    distance.fill_diagonal_(torch.inf)
    return distance.topk(near, dim=1, largest=False).indices


def _together(kind: Tensor, around: Tensor) -> float:
    return float(kind[around[kind]].double().mean() / kind.double().mean())
