"""New directions from known ones: weighted sums, and parts that leave others alone."""

from collections.abc import Sequence

import torch

from gan_lab.errors import UserError
from gan_lab.explore.direction import Direction, directions
from gan_lab.explore.supervised import conditional
from gan_lab.types import Prior

METHOD = "composed"


def summed(
    parts: Sequence[Direction], weights: Sequence[float], prior: Prior, name: str
) -> Direction:
    r"""The direction of $\sum_k w_k v_k$, normalised.

    Raises:
        UserError: If there are no parts, or they cancel out.
    """
    if not parts:
        raise UserError(f"{name}: a sum of no directions")
    vectors = torch.stack([part.vector.double() for part in parts])
    total = torch.tensor(list(weights), dtype=torch.float64) @ vectors
    if total.norm() < 1e-6 * max(abs(w) for w in weights):
        raise UserError(f"{name}: the directions cancel out")
    return directions(total[None], prior, method=METHOD, names=[name])[0]


def without(
    direction: Direction, others: Sequence[Direction], prior: Prior, name: str
) -> Direction:
    """The part of a direction that is orthogonal to others.

    Raises:
        UserError: If nothing is left.
    """
    rows = torch.stack([other.vector for other in others])
    left = conditional(direction.vector, rows)
    return directions(left[None], prior, method=METHOD, names=[name])[0]


def orthogonalised(found: Sequence[Direction], prior: Prior) -> tuple[Direction, ...]:
    """Each direction without its part along those before it (Gram-Schmidt); names stay.

    Raises:
        UserError: If one lies in the span of those before it.
    """
    done: list[Direction] = []
    for direction in found:
        done.append(without(direction, done, prior, direction.name) if done else direction)
    return tuple(done)
