"""From samples back to latents: the latent whose sample looks most like a given one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.codes import code_count, discrete, neighbours
from gan_lab.explore.descent import descend
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.matching import Matching, balanced, squared
from gan_lab.explore.output import Decode, Features
from gan_lab.explore.quasi_newton import minimise
from gan_lab.explore.starts import MOST_CODES, Pool, pool_of
from gan_lab.explore.typical import Penalty, Typical
from gan_lab.types import Prior

Tell = Callable[[float], None]
"""Told the share of the work that is done."""

POOL = 2048
ROWS = 1024
"""Latents that pass the generator at once."""
FLIPS = 4


@dataclass(frozen=True, eq=False)
class Inversion:
    """Latents found for targets.

    Attributes:
        z: One latent for each target, on the prior's support, `(b, d)`.
        x: What the generator makes of it, in model range, `(b, c, *s)`.
        error: Mean squared error against the target in model range, `(b,)`.
        percentile: `Gauge` of the latent, 0 to 100: near 100 it is farther out than the prior's
            draws are, `(b,)`.
        loss: What was made small: error, features and penalty, `(b,)`.
        trace: The loss of the best latent so far, after each step, `(k, b)`.
        label: Class that the sample was made with, `(b,)`; None: the caller chose.
    """

    z: Float[Tensor, "b d"]
    x: Float[Tensor, "b c *s"]
    error: Float[Tensor, " b"]
    percentile: Float[Tensor, " b"]
    loss: Float[Tensor, " b"]
    trace: Float[Tensor, "k b"]
    label: Int[Tensor, " b"] | None = None

    def __len__(self) -> int:
        return len(self.z)


@torch.no_grad()
def invert(
    decode: Decode,
    prior: Prior,
    target: Float[Tensor, "b c *s"],
    *,
    restarts: int = 8,
    steps: int = 100,
    polish: int = 200,
    weight: float = 0.01,
    penalty: Penalty | None = None,
    features: Features | None = None,
    feature_weight: float = 1.0,
    start: Float[Tensor, "b d"] | None = None,
    learning_rate: float = 0.1,
    pool: int = POOL,
    seed: int = 0,
    progress: Tell | None = None,
) -> Inversion:
    r"""The latent that makes `Matching` small, for each target by itself.

    Starts are the draws of the prior, out of `pool`, whose samples are nearest to the target. They
    descend together by Adam, with a learning rate that rises at the beginning and falls in the
    second half; after 1/10, 1/4 and 1/2 of the steps only the better half goes on. L-BFGS polishes
    the best one. Every step ends on the prior's support. Discrete coordinates: up to 64 settings
    are all tried; more are relaxed for the first half, then rounded and improved one by one.

    Args:
        decode: Latents `(b, d)` to samples, differentiable; rows must not see each other.
        prior: Where latents come from.
        target: Samples in model range.
        restarts: Starts for each target.
        steps: Steps of Adam; 0 leaves the best start.
        polish: Evaluations of L-BFGS; 0 leaves it out.
        weight: Weight of the penalty; 0 lets latents leave the prior.
        penalty: What keeps latents on the prior; None: `Typical`.
        features: Further space in which errors count, such as a classifier's features.
        feature_weight: How much they count, as multiples of the error of the values.
        start: One start for each target, such as an encoder's, beside the others.
        learning_rate: Largest learning rate of Adam.
        pool: Draws that starts are chosen from.
        seed: Seed of the draws.
        progress: Told the share that is done.

    Raises:
        UserError: If an argument is out of range or the targets have the wrong shape.

    Source: Zhu et al. 2016, arXiv 1609.03552, sec. 3; Creswell & Bharath 2018, arXiv 1802.05701.
    """
    _check(prior, target, restarts, steps, polish, weight, pool, start)
    drawn = pool_of(decode, prior, max(pool, restarts), seed)
    if drawn.x.shape[1:] != target.shape[1:]:
        raise UserError(
            f"target has shape {tuple(target.shape[1:])}; the generator makes "
            f"{tuple(drawn.x.shape[1:])}, channels first"
        )
    share = 0.0 if features is None else balanced(features, feature_weight, drawn.x)
    chosen = Typical(prior) if penalty is None else penalty
    matching = Matching(decode, chosen, weight, features, share)
    target = target.to(drawn.x)
    rows = max(1, ROWS // max(restarts, drawn.codes))
    parts = []
    for first in range(0, len(target), rows):
        here = slice(first, first + rows)
        given = None if start is None else prior.project(start[here].to(drawn.z))
        begin = _starts(drawn, matching, target[here], restarts, given)
        tell = _part_of(progress, first, len(begin), len(target))
        parts.append(
            _invert(matching, prior, target[here], begin, steps, polish, learning_rate, tell)
        )
    z, x, loss = (torch.cat([part[k] for part in parts]) for k in range(3))
    trace = torch.cat([part[3] for part in parts], 1)
    return Inversion(z, x, squared(x, target), Gauge(prior)(z), loss, trace)


def choose(found: list[Inversion]) -> Inversion:
    """For each target the inversion with the smallest loss; all must have as many steps.

    `label` becomes the number of the chosen one, where they have none.
    """
    best = torch.stack([one.loss for one in found]).argmin(0)
    row = torch.arange(len(best), device=best.device)

    def pick(values: list[Tensor]) -> Tensor:
        return torch.stack(values)[best.to(values[0].device), row.to(values[0].device)]

    return Inversion(
        pick([one.z for one in found]),
        pick([one.x for one in found]),
        pick([one.error for one in found]),
        pick([one.percentile for one in found]),
        pick([one.loss for one in found]),
        pick([one.trace.T for one in found]).T,
        best.cpu(),
    )


def joined(parts: list[Inversion]) -> Inversion:
    """Inversions of different targets, one after the other."""
    labels = [part.label for part in parts if part.label is not None]
    return Inversion(
        torch.cat([part.z for part in parts]),
        torch.cat([part.x for part in parts]),
        torch.cat([part.error for part in parts]),
        torch.cat([part.percentile for part in parts]),
        torch.cat([part.loss for part in parts]),
        torch.cat([part.trace for part in parts], 1),
        torch.cat(labels) if labels else None,
    )


def ordered(found: Inversion, index: Int[Tensor, " k"]) -> Inversion:
    """The rows at `index`, in that order."""
    return replace(
        found,
        z=found.z[index],
        x=found.x[index],
        error=found.error[index],
        percentile=found.percentile[index],
        loss=found.loss[index],
        trace=found.trace[:, index],
        label=None if found.label is None else found.label[index],
    )


def _starts(
    drawn: Pool,
    matching: Matching,
    target: Float[Tensor, "b c *s"],
    restarts: int,
    given: Float[Tensor, "b d"] | None,
) -> Float[Tensor, "b r d"]:
    """The nearest draws; what is given takes the place of the last one."""
    near = drawn.nearest(matching, target, restarts)
    if given is None:
        return near
    return torch.cat([given[:, None], near[:, : max(restarts, drawn.codes) - 1]], 1)


def _part_of(progress: Tell | None, first: int, count: int, total: int) -> Tell:
    """Tells the share of the whole, told that of a part."""

    def tell(done: float) -> None:
        if progress is not None:
            progress((first + done * count) / total)

    return tell


def _invert(
    matching: Matching,
    prior: Prior,
    target: Float[Tensor, "b c *s"],
    start: Float[Tensor, "b r d"],
    steps: int,
    polish: int,
    learning_rate: float,
    tell: Tell,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Latents, samples, losses and trace of one part of the targets."""
    fixed = discrete(prior).to(start.device)
    relaxed = code_count(prior) > MOST_CODES
    z, trace = descend(
        matching, prior, target, start, steps, learning_rate, fixed=fixed, relaxed=relaxed,
        tell=lambda done: tell(done * steps / max(steps + polish, 1)),
    )  # fmt: skip
    if relaxed:
        z = _improved(matching, prior, target, z)
    move = (~fixed).to(z)

    def slopes(points: Tensor) -> tuple[Tensor, Tensor]:
        loss, slope = matching.losses_and_slopes(points, target)
        return loss, slope * move

    if polish:
        z, further = minimise(slopes, z, polish, prior.project)
        trace = torch.cat([trace, further[1:]])
    tell(1.0)
    x = matching.decode(z)
    loss = matching.losses(z, target)
    return z, x, loss, trace


def _improved(
    matching: Matching, prior: Prior, target: Float[Tensor, "b c *s"], z: Float[Tensor, "b d"]
) -> Float[Tensor, "b d"]:
    """Change one discrete coordinate after the other for as long as that helps."""
    for _ in range(FLIPS * z.shape[1]):
        others = torch.cat([z[:, None], neighbours(prior, z)], 1)
        wanted = target.repeat_interleave(others.shape[1], 0)
        parts = torch.split(others.flatten(0, 1), ROWS)
        loss = torch.cat(
            [matching.losses(*rows) for rows in zip(parts, torch.split(wanted, ROWS), strict=True)]
        )
        best = torch.unflatten(loss, 0, others.shape[:2]).argmin(1)
        if not best.any():
            break
        z = others[torch.arange(len(z), device=z.device), best]
    return z


def _check(
    prior: Prior,
    target: Tensor,
    restarts: int,
    steps: int,
    polish: int,
    weight: float,
    pool: int,
    start: Tensor | None,
) -> None:
    least = {"restarts": (restarts, 1), "steps": (steps, 0), "polish": (polish, 0)}
    least |= {"pool": (pool, 1), "targets": (len(target), 1)}
    for name, (value, minimum) in least.items():
        if value < minimum:
            raise UserError(f"{name}={value}: expected {minimum} or more")
    if weight < 0:
        raise UserError(f"weight={weight}: expected 0 or more")
    if not target.isfinite().all():
        raise UserError("target holds values that are not finite; nothing looks like that")
    if start is not None and start.shape != (len(target), prior.dim):
        raise UserError(
            f"start has shape {tuple(start.shape)}; expected {(len(target), prior.dim)}"
        )
