"""Paths between latents: pure functions that priors choose from.

Every path gives `start` and `end` bit for bit at t = 0 and t = 1.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.latent.checks import check_index

PARALLEL = 1e-9
"""Sine of the angle below which two directions count as parallel or opposite."""


def lerp(
    start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
) -> Float[Tensor, "b s d"]:
    r"""Straight line, $(1 - t) a + t b$."""
    steps = t.to(start)[None, :, None]
    line = (1 - steps) * start[:, None] + steps * end[:, None]
    return with_ends(line, start, end, t)


def great_circle(
    start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
) -> Float[Tensor, "b s d"]:
    r"""Turn along the great circle at constant speed while the radius changes linearly.

    With directions $u, v$, the angle $\omega$ between them and $w$ the unit vector of the part of
    $v$ that is orthogonal to $u$:

    $$ z(t) = ((1-t)\|a\| + t\|b\|) \, (\cos(t\omega) u + \sin(t\omega) w) $$

    For ends of equal norm this is slerp (Shoemake 1985); it needs no division by
    $\sin\omega$. Parallel ends give a straight line. Opposite ends have no unique great circle:
    the path turns towards the axis on which `start` is smallest (through the origin when d = 1).
    A zero end takes the direction of the other one.
    """
    a, b, steps = start.double(), end.double(), t.to(start.device).double()[None, :, None]
    radius_a, radius_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    u, v = unit(a), unit(b)
    u, v = torch.where(radius_a > 0, u, v), torch.where(radius_b > 0, v, u)
    cosine = (u * v).sum(1, keepdim=True)
    across = v - cosine * u
    sine = across.norm(dim=1, keepdim=True)
    w = torch.where(sine > PARALLEL, unit(across), perpendicular(u))
    angle = torch.atan2(sine, cosine)[:, None]
    turn = torch.cos(steps * angle) * u[:, None] + torch.sin(steps * angle) * w[:, None]
    radius = (1 - steps) * radius_a[:, None] + steps * radius_b[:, None]
    return with_ends((radius * turn).to(start.dtype), start, end, t)


def switch(
    start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], late: Bool[Tensor, "#b s #d"]
) -> Float[Tensor, "b s d"]:
    """`start`, and `end` wherever `late` holds."""
    return torch.where(late, end[:, None], start[:, None])


def coordinate(
    z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
) -> Float[Tensor, "b s d"]:
    """Copies of each latent whose coordinate `index` runs through `values`.

    Raises:
        UserError: If there is no such coordinate.
    """
    check_index(index, z.shape[1])
    path = z[:, None].repeat(1, len(values), 1)
    path[:, :, index] = values.to(z)
    return path


def with_ends(
    path: Float[Tensor, "b s d"],
    start: Float[Tensor, "b d"],
    end: Float[Tensor, "b d"],
    t: Float[Tensor, " s"],
) -> Float[Tensor, "b s d"]:
    """The path with exact ends, free of rounding."""
    steps = t.to(start.device)[None, :, None]
    path = torch.where(steps == 0, start[:, None], path)
    return torch.where(steps == 1, end[:, None], path)


def unit(x: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """Rows of norm 1; zero rows stay zero."""
    norm = x.norm(dim=1, keepdim=True)
    return torch.where(norm > 0, x / norm.clamp_min(torch.finfo(x.dtype).tiny), x)


def perpendicular(u: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
    """A unit vector orthogonal to each unit vector; zero when d = 1."""
    axis = torch.zeros_like(u).scatter_(1, u.abs().argmin(1, keepdim=True), 1.0)
    if u.shape[1] == 1:
        return torch.zeros_like(u)
    return unit(axis - (axis * u).sum(1, keepdim=True) * u)
