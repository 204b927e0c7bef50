"""k-means cells: a partition of the feature space that histograms can be taken over."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError


def cell_centres(
    x: Float[Tensor, "n d"], cells: int, *, rounds: int = 20, rng: torch.Generator | None = None
) -> Float[Tensor, "k d"]:
    """Lloyd's algorithm from a k-means++ start; every centre keeps at least one row.

    Raises:
        UserError: If there are fewer rows than cells.

    Source: Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", 2007.
    """
    if not 1 <= cells <= len(x):
        raise UserError(f"cells: {cells} asked for {len(x)} rows; ask for 1 to {len(x)}")
    centres = _seeds(x, cells, rng)
    for _ in range(rounds):
        label = cell_of(x, centres)
        count = torch.bincount(label, minlength=cells).to(x.dtype)
        total = torch.zeros_like(centres).index_add_(0, label, x)
        moved = torch.where(count[:, None] > 0, total / count.clamp(min=1)[:, None], centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres


def cell_of(
    x: Float[Tensor, "n d"], centres: Float[Tensor, "k d"], *, block: int = 8192
) -> Int[Tensor, " n"]:
    """Nearest centre of every row, `(n,)`."""
    return torch.cat([torch.cdist(part, centres).argmin(dim=1) for part in torch.split(x, block)])


def _seeds(x: Tensor, cells: int, rng: torch.Generator | None) -> Tensor:
    chosen = torch.randint(len(x), (1,), generator=rng)
    distance = (x - x[chosen]).square().sum(dim=1)
    for _ in range(cells - 1):
        # With no distance left all rows are centres already; any row will do.
        weight = distance if float(distance.sum()) > 0 else torch.ones_like(distance)
        new = torch.multinomial(weight.cpu(), 1, generator=rng)
        chosen = torch.cat([chosen, new])
        distance = torch.minimum(distance, (x - x[new]).square().sum(dim=1))
    return x[chosen]
