"""Energy distance: mean distances between two sets against those within each."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def energy_distance(
    x: Float[Tensor, "n d"], y: Float[Tensor, "m d"], *, block: int = 1024
) -> float:
    r"""$2\,E\|X - Y\| - E\|X - X'\| - E\|Y - Y'\|$ over all pairs, in float64.

    Pairs of a row with itself count, so that it is 0 for equal sets and never negative. Two samples
    of one population of n rows each stay above 0 by about $2 E\|X - X'\| / n$: read it beside such
    a pair.

    Args:
        x: `(n, d)`.
        y: `(m, d)`.
        block: Rows at a time.

    Raises:
        UserError: If a set is empty.

    Source: Székely & Rizzo, "Energy statistics", 2013, eq. 5.

    >>> energy_distance(torch.tensor([[0.0], [0.0]]), torch.tensor([[3.0]]))
    6.0
    """
    if len(x) == 0 or len(y) == 0:
        raise UserError("energy distance: a set is empty")
    # Distances come from a matrix product; about the mean it loses the fewest digits.
    centre = y.mean(dim=0, dtype=torch.float64)
    x, y = x.double() - centre, y.double() - centre
    across, within_x, within_y = (_mean_distance(a, b, block) for a, b in ((x, y), (x, x), (y, y)))
    return 2 * across - within_x - within_y


def _mean_distance(a: Tensor, b: Tensor, block: int) -> float:
    sums = [float(torch.cdist(part, b).sum()) for part in torch.split(a, block)]
    return sum(sums) / (len(a) * len(b))
