"""L-BFGS for many small problems side by side, each with its own steps."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Slopes = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Points `(b, d)` to values `(b,)` and gradients `(b, d)`, row by row."""

MEMORY = 10
DECREASE = 1e-4
SHORTEST = 1e-6


@dataclass
class _Memory:
    """The last changes of point and gradient, oldest first, `(m, b, d)`."""

    step: Tensor
    change: Tensor
    curvature: Tensor

    def add(self, step: Tensor, change: Tensor, where: Bool[Tensor, " b"]) -> None:
        product = (step * change).sum(1)
        good = where & (product > 1e-10 * change.square().sum(1))
        for old, new in ((self.step, step), (self.change, change), (self.curvature, product)):
            old[:, good] = torch.cat([old[1:, good], new[None, good]])

    def forget(self, where: Bool[Tensor, " b"]) -> None:
        for old in (self.step, self.change, self.curvature):
            old[:, where] = 0.0

    def direction(self, slope: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """Two-loop recursion; empty places of the memory count for nothing."""
        inverse = torch.where(self.curvature > 0, 1 / self.curvature, 0.0)
        q, shares = slope.clone(), []
        for k in reversed(range(len(self.step))):
            share = inverse[k] * (self.step[k] * q).sum(1)
            q -= share[:, None] * self.change[k]
            shares.append(share)
        last = self.change[-1].square().sum(1)
        q *= torch.where(last > 0, self.curvature[-1] / last.clamp_min(1e-38), 1.0)[:, None]
        for k, share in enumerate(reversed(shares)):
            back = inverse[k] * (self.change[k] * q).sum(1)
            q += (share - back)[:, None] * self.step[k]
        return -q


def minimise(
    slopes: Slopes,
    z: Float[Tensor, "b d"],
    evaluations: int,
    project: Callable[[Tensor], Tensor] = lambda z: z,
) -> tuple[Float[Tensor, "b d"], Float[Tensor, "k b"]]:
    """Lower each value from its own start; no row ever gets worse.

    Every evaluation tries one step of every row: a row whose value falls enough (Armijo) goes on
    from there, any other halves its step.

    Args:
        slopes: Values and gradients; rows must not see each other.
        z: Starts.
        evaluations: Number of calls of `slopes`, besides the first.
        project: Brings a point onto the support.

    Returns:
        Points and the value of each row after each evaluation, `(evaluations + 1, b)`.

    Source: Nocedal & Wright, "Numerical Optimization", 2006, algorithms 7.4 and 3.1.
    """
    value, slope = slopes(z)
    memory = _empty(z)
    length, direction = _first_length(slope), -slope
    trace = [value]
    for _ in range(evaluations):
        candidate = project(z + length[:, None] * direction)
        new_value, new_slope = slopes(candidate)
        fall = (slope * (candidate - z)).sum(1)
        good = (new_value <= value + DECREASE * fall) & (new_value < value)
        memory.add(candidate - z, new_slope - slope, good)
        z = torch.where(good[:, None], candidate, z)
        slope = torch.where(good[:, None], new_slope, slope)
        value = torch.where(good, new_value, value)
        length = torch.where(good, 1.0, length / 2)
        lost = ~good & (length < SHORTEST)
        memory.forget(lost)
        fresh = memory.curvature[-1] <= 0
        direction = torch.where(good[:, None] | lost[:, None], memory.direction(slope), direction)
        length = torch.where((good | lost) & fresh, _first_length(slope), length)
        trace.append(value)
    return z, torch.stack(trace)


def _empty(z: Tensor) -> _Memory:
    many = z.new_zeros(MEMORY, *z.shape)
    return _Memory(many, many.clone(), many[:, :, 0].clone())


def _first_length(slope: Tensor) -> Tensor:
    """A first step of length 0.1, where nothing is known of the curvature."""
    length: Tensor = 0.1 / slope.norm(dim=1).clamp_min(1e-12)
    return length
