"""Groups of samples that share a label: what the label alone decides is taken out."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def centred_within(
    rows: Float[Tensor, "n f"], group: Int[Tensor, " n"] | None
) -> Float[Tensor, "n f"]:
    """Rows less the mean of their group; None: all are one group."""
    if group is None:
        return rows - rows.mean(0)
    counts = torch.bincount(group).clamp_min(1)[:, None]
    sums = torch.zeros(len(counts), rows.shape[1], dtype=rows.dtype).index_add_(0, group, rows)
    return rows - (sums / counts)[group]
