"""Walk so that the output, not the latent, changes at constant speed."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.explore.output import Decode, Features, embed_paths, step_lengths
from gan_lab.explore.route import Route, even

FINE = 8
ROUNDS = 16
EVEN = 0.001
"""Unevenness at which no further round is needed."""


def constant_speed(
    decode: Decode,
    route: Route,
    steps: int,
    *,
    features: Features | None = None,
    fine: int = FINE,
    rounds: int = ROUNDS,
) -> Float[Tensor, "r s"]:
    r"""Positions on a route at which every step changes the output by the same amount.

    The length of the output along the route is summed up on a fine grid and inverted,

    $$ t_k = S^{-1}(k S(1) / (s - 1)), \quad S(t) = \sum_{t_i < t} \|f(t_{i+1}) - f(t_i)\| $$

    and rounds on the steps themselves make up for the bends between them; each row keeps the
    evenest positions that were seen. A jump adds nothing to S: no position can lie inside it, and
    the rest of the row keeps its speed. A row whose output does not change stays evenly spaced.

    Args:
        decode: Latents `(b, d)` to samples.
        route: The paths.
        steps: Positions per path, both ends included.
        features: Where distances are measured; None: in the values of the samples.
        fine: Pieces of the grid per step.
        rounds: Most rounds on the steps.

    Returns:
        Positions `(r, s)` in [0, 1], increasing, from 0 to 1.

    Raises:
        UserError: If there are fewer than 2 steps.
    """

    def lengths(t: Tensor) -> Tensor:
        z = route(t)
        steps_of = step_lengths(embed_paths(decode, z, features))
        return steps_of.masked_fill(route.jumps(z).to(steps_of.device), 0).cpu()

    grid = even(route.rows, fine * (steps - 1) + 1)
    t = best = _at_equal_lengths(grid, lengths(grid), steps)
    least = torch.full((route.rows,), torch.inf, dtype=torch.float64)
    for _ in range(rounds + 1):
        pieces = lengths(t)
        rough = unevenness(pieces)
        best = torch.where((rough < least)[:, None], t, best)
        least = torch.minimum(rough, least)
        if bool((least < EVEN).all()):
            break
        t = _at_equal_lengths(t, pieces, steps)
    return best


def unevenness(lengths: Float[Tensor, "r k"]) -> Float[Tensor, " r"]:
    """Standard deviation of the steps of a path as a share of their mean, `(r,)`; 0 is even."""
    mean = lengths.mean(1)
    spread: Tensor = lengths.std(1, correction=0)
    return torch.where(mean > 0, spread / mean.clamp_min(1e-300), 0.0)


def _at_equal_lengths(
    t: Float[Tensor, "r g"], lengths: Float[Tensor, "r k"], steps: int
) -> Float[Tensor, "r s"]:
    """Positions at equal shares of the summed lengths, which are linear between positions t."""
    share = np.linspace(0, 1, steps)
    rows = []
    for places, pieces in zip(t.numpy(), lengths.numpy(), strict=True):
        total = np.concatenate([[0.0], pieces.cumsum()])
        if total[-1] <= 0:
            rows.append(share)
            continue
        rows.append(np.interp(share * total[-1], total, places))
    found = torch.from_numpy(np.stack(rows))
    found[:, 0], found[:, -1] = 0.0, 1.0
    return found
