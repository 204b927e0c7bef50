"""Perceptual path length: how much the output changes per step of a path."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.output import BATCH, Decode, Features, embed
from gan_lab.types import Prior

Sampling = Literal["full", "end"]
Interpolate = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Ends `(b, d)` twice and positions `(s,)` to paths `(b, s, d)`, as `Prior.interpolate`."""

GROUP = 16
KEPT = (0.01, 0.99)


@dataclass(frozen=True)
class Speeds:
    """Squared speeds along paths between random latents.

    Attributes:
        output: Of the features per unit of t, `(n,)`.
        latent: Of the latent per unit of t, `(n,)`.
        jumps: Pairs that were left out because the path jumps between their two positions.
    """

    output: Float[Tensor, " n"]
    latent: Float[Tensor, " n"]
    jumps: int = 0


@dataclass(frozen=True)
class PathLength:
    """Means of squared speeds, without the extreme 1 % on either side.

    Attributes:
        value: Perceptual path length, in squared units of the features.
        error: Its standard error.
        per_latent: The same per squared speed of the latent: how sensitive the generator is where
            the path leads. A path that is longer in the latent space has a larger `value` even if
            the generator is linear; this one does not see its length.
        per_latent_error: Its standard error.
        untrimmed: Mean of all squared speeds of the features.
        pairs: Number of pairs.
        jumps: Pairs that were left out because of a jump.
    """

    value: float
    error: float
    per_latent: float
    per_latent_error: float
    untrimmed: float
    pairs: int
    jumps: int


def perceptual_path_length(
    decode: Decode,
    prior: Prior,
    *,
    n: int = 2000,
    epsilon: float = 1e-4,
    sampling: Sampling = "full",
    features: Features | None = None,
    interpolate: Interpolate | None = None,
    seed: int = 0,
) -> PathLength:
    r"""Squared change of the features per squared step, between random latents.

    $$ \mathrm{E}\left[ \epsilon^{-2} \, \|f(g(\gamma(t))) - f(g(\gamma(t + \epsilon)))\|^2
       \right] $$

    with $\gamma$ the path between two draws of the prior and t uniform (`full`) or 0 (`end`).
    Pairs outside the 1 to 99 % quantiles are dropped. As $\epsilon \to 0$ this is
    $\mathrm{E}\|J \dot\gamma\|^2$; in float32 any epsilon from 1e-5 to 1e-3 is good for it.
    Source: Karras et al. 2019, arXiv 1812.04948, sec. 4.1, eq. 2.

    Args:
        decode: Latents `(b, d)` to samples.
        prior: Where the ends come from.
        n: Number of pairs.
        epsilon: Step along t.
        sampling: `full`: anywhere on the path; `end`: at its start.
        features: Where distances are measured; None: in the values of the samples.
        interpolate: Path between the ends; None: the prior's own.
        seed: Seed of ends and positions.

    Raises:
        UserError: If an argument is out of range, or the path jumps in nearly all pairs.
    """
    z, jumps = neighbours(
        prior, n=n, epsilon=epsilon, sampling=sampling, interpolate=interpolate, seed=seed
    )
    return summary([squared_speeds(decode, z, epsilon, features, jumps)])


def neighbours(
    prior: Prior,
    *,
    n: int,
    epsilon: float = 1e-4,
    sampling: Sampling = "full",
    interpolate: Interpolate | None = None,
    seed: int = 0,
) -> tuple[Float[Tensor, "m 2 d"], int]:
    """Positions t and t + epsilon on paths between random latents, and how many pairs jumped.

    Raises:
        UserError: If an argument is out of range.
    """
    _check(n, epsilon, sampling)
    rng = torch.Generator().manual_seed(seed)
    start, end = prior.sample(2 * n, rng).chunk(2)
    t = torch.rand(n, generator=rng, dtype=torch.float64) * (1 - epsilon)
    t = t if sampling == "full" else torch.zeros_like(t)
    z = _pairs(interpolate or prior.interpolate, start.double(), end.double(), t, epsilon)
    jumps = prior.jumps(z)[:, 0]
    return z[~jumps].to(start.dtype), int(jumps.sum())


@torch.no_grad()
def squared_speeds(
    decode: Decode,
    z: Float[Tensor, "n 2 d"],
    epsilon: float,
    features: Features | None = None,
    jumps: int = 0,
) -> Speeds:
    r"""$\epsilon^{-2} \|f(g(z_1)) - f(g(z_2))\|^2$ and $\epsilon^{-2} \|z_1 - z_2\|^2$ of pairs."""
    output = [
        _squares(embed(decode, part.flatten(0, 1), features).view(len(part), 2, -1), epsilon)
        for part in torch.split(z, BATCH // 2)
    ]
    return Speeds(torch.cat(output), _squares(z, epsilon), jumps)


def summary(parts: Sequence[Speeds]) -> PathLength:
    """Path length of a generator, or of one that was asked for each of its classes.

    Raises:
        UserError: If hardly a pair is left, as the path jumps everywhere.
    """
    output = torch.cat([part.output for part in parts])
    latent = torch.cat([part.latent for part in parts])
    if int((latent > 0).sum()) < 2:
        raise UserError("hardly a step moves: the paths of this prior jump, and have no speed")
    return PathLength(
        *_trimmed(output), *_trimmed((output / latent)[latent > 0]),
        float(output.mean()), len(output), sum(part.jumps for part in parts),
    )  # fmt: skip


def _pairs(
    interpolate: Interpolate,
    start: Float[Tensor, "n d"],
    end: Float[Tensor, "n d"],
    t: Float[Tensor, " n"],
    epsilon: float,
) -> Float[Tensor, "n 2 d"]:
    found = []
    for a, b, here in zip(*(torch.split(x, GROUP) for x in (start, end, t)), strict=True):
        # A path shares its positions with the rest of the group; each pair keeps its own two.
        path, own = interpolate(a, b, torch.cat([here, here + epsilon])), torch.arange(len(a))
        found.append(torch.stack([path[own, own], path[own, own + len(a)]], 1))
    return torch.cat(found)


def _squares(pairs: Float[Tensor, "n 2 f"], epsilon: float) -> Float[Tensor, " n"]:
    """Squared distance of each pair over squared epsilon, in float64 on the CPU."""
    change = pairs.double().cpu().diff(dim=1) / epsilon
    squares: Tensor = change.square().sum((1, 2))
    return squares


def _trimmed(values: Float[Tensor, " n"]) -> tuple[float, float]:
    """Mean between the 1 and 99 % quantiles, and its standard error."""
    low, high = torch.quantile(values, torch.tensor(KEPT, dtype=values.dtype))
    kept = values[(values >= low) & (values <= high)]
    return float(kept.mean()), float(kept.std(correction=0)) / math.sqrt(len(kept))


def _check(n: int, epsilon: float, sampling: str) -> None:
    if n < 2:
        raise UserError(f"a path length of {n} pairs says nothing; expected 2 or more")
    if not 0 < epsilon < 1:
        raise UserError(f"epsilon is {epsilon}; expected a number between 0 and 1, such as 1e-4")
    if sampling not in ("full", "end"):
        raise UserError(f"sampling is {sampling}; expected full or end")
