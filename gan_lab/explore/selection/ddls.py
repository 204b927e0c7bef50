r"""Discriminator-driven latent sampling: Langevin steps in latent space, up the critic."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.selection.source import Selection, Source, Tell, differentiable
from gan_lab.types import Label, Prior

GOAL = 0.57
"""Share of accepted moves at which Langevin proposals mix fastest (Roberts & Rosenthal 1998)."""
RATE = 0.15


@dataclass(frozen=True, eq=False)
class _Place:
    """Where chains are: latents, log-density up to a constant, and its gradient."""

    z: Float[Tensor, "n d"]
    level: Float[Tensor, " n"]
    slope: Float[Tensor, "n d"]


def langevin(
    source: Source,
    n: int,
    *,
    steps: int = 100,
    step: float = 0.01,
    adapt: bool = True,
    seed: int = 0,
    tell: Tell | None = None,
) -> Selection:
    r"""Move `n` latents of the prior through the density that the critic corrects.

    $$ \log p_t(z) = \log p_0(z) + \ell(G(z)), \qquad
    z' = z + \tfrac{\epsilon}{2} \nabla \log p_t(z) + \sqrt{\epsilon}\, \xi, $$

    Samples are kept where the chains end. Each move is accepted or refused (Metropolis-Hastings),
    so that a long step costs moves and no exactness; without that, Langevin steps leave the density
    at any length.

    Where the prior has a density in all directions, a proposal outside of its support is refused.
    Otherwise, as on a sphere or among one-hot codes, proposals pass the prior's `project`, and the
    acceptance treats them as if they had not: an approximation of the order of the step. One-hot
    parts then stay as they were drawn.

    Args:
        source: Generator and critic.
        n: Number of chains, which is the number of samples kept.
        steps: Moves of each chain.
        step: $\epsilon$ at the start; squared units of the latent.
        adapt: Whether $\epsilon$ follows the share of accepted moves during the first half.
        seed: Seed of the draws.
        tell: Called with the number of latents judged.

    Raises:
        UserError: If a number is out of range.

    Source: Che et al., "Your GAN is secretly an energy-based model", 2020, sec. 3 and algorithm 1
    (without the acceptance); Roberts & Tweedie, "Exponential convergence of Langevin
    distributions", 1996 (with it).
    """
    if steps < 1 or not step > 0:
        raise UserError(f"steps={steps}, step={step}: expected 1 or more, and a positive number")
    rng = torch.Generator().manual_seed(seed)
    start = source.draw(n, rng)
    solid = is_solid(source.prior)
    place = _look(source, start.z, start.label)
    epsilon, accepted = step, 0.0
    for k in range(steps):
        place, share = _move(source, place, start.label, epsilon, solid, rng)
        if adapt and 2 * k < steps:
            epsilon *= float(torch.tensor(share - GOAL).mul(RATE / GOAL).exp())
        accepted += share / steps
        if tell is not None:
            tell(n)
    kept = source.judge(place.z, start.label)
    return Selection("ddls", kept, n * (steps + 2), accepted)


def is_solid(prior: Prior) -> bool:
    """Whether the prior has a density in all directions, as no sphere and no one-hot code has."""
    z = prior.sample(64, torch.Generator().manual_seed(0))
    near = z + 1e-3 * torch.randn(z.shape, generator=torch.Generator().manual_seed(1))
    return bool(prior.log_prob(near).isfinite().float().mean() > 0.5)


def _move(
    source: Source,
    here: _Place,
    label: Label | None,
    epsilon: float,
    solid: bool,
    rng: torch.Generator,
) -> tuple[_Place, float]:
    """One Langevin step of every chain; the share that was accepted comes with it."""
    noise = torch.randn(here.z.shape, generator=rng)
    luck = torch.rand(len(here.z), generator=rng).log()
    z = here.z + epsilon / 2 * here.slope + epsilon**0.5 * noise
    inside = torch.ones(len(z), dtype=torch.bool)
    if solid:
        inside = source.prior.log_prob(z).isfinite()
        z = torch.where(inside[:, None], z, here.z)
    else:
        z = source.prior.project(z)
    there = _look(source, z, label)
    gain = there.level - here.level + _forth(there, here, epsilon) - _forth(here, there, epsilon)
    go = (luck < gain) & inside
    moved = _Place(
        torch.where(go[:, None], there.z, here.z),
        torch.where(go, there.level, here.level),
        torch.where(go[:, None], there.slope, here.slope),
    )
    return moved, float(go.float().mean())


def _forth(a: _Place, b: _Place, epsilon: float) -> Float[Tensor, " n"]:
    """Log-density of proposing b from a, up to a constant."""
    gap = b.z - a.z - epsilon / 2 * a.slope
    return -gap.square().sum(1) / (2 * epsilon)


def _look(source: Source, z: Float[Tensor, "n d"], label: Label | None) -> _Place:
    """Log-density and gradient at latents, in parts."""
    size = 500
    labels = [None] * -(-len(z) // size) if label is None else list(torch.split(label, size))
    parts = [
        _look_at(source, part, on) for part, on in zip(torch.split(z, size), labels, strict=True)
    ]
    levels, slopes = zip(*parts, strict=True)
    return _Place(z, torch.cat(levels), torch.cat(slopes))


def _look_at(source: Source, z: Tensor, label: Label | None) -> tuple[Tensor, Tensor]:
    with differentiable():
        z = z.detach().clone().requires_grad_()
        ratio = source.log_ratio(source.decode(z, label), label).cpu()
        level = source.prior.log_prob(z) + ratio
        (slope,) = torch.autograd.grad(level.sum(), z)
    # A prior may have no slope of its own, and one-hot codes none that means anything.
    return level.detach(), slope.nan_to_num()
