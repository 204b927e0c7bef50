"""Random numbers whose first rows do not change when more rows are drawn."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.special import ndtri


def uniforms(*shape: int, generator: torch.Generator) -> Float[Tensor, "..."]:
    """Uniform numbers in (0, 1), float64, filled one after the other in row order.

    Row `i` of a draw of `n` rows depends on the seed and `i` alone, not on `n`.
    """
    share: Tensor = torch.rand(*shape, generator=generator, dtype=torch.float64)
    # torch.rand may give 0, whose normal quantile is infinite.
    return share.clamp_min(2.0**-54)


def normals(*shape: int, generator: torch.Generator) -> Float[Tensor, "..."]:
    """Standard normal numbers by the inverse CDF, float64, in the order of `uniforms`.

    `torch.randn` draws in pairs and blocks: its last numbers change with the size of the draw.
    """
    normal: Tensor = ndtri(uniforms(*shape, generator=generator))
    return normal
