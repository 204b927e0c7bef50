"""Random directions: what any other method has to beat."""

import torch
from jaxtyping import Float
from torch import Tensor


def random_vectors(dim: int, count: int, seed: int = 0) -> Float[Tensor, "k d"]:
    """Up to `dim` orthonormal vectors of uniformly random orientation, `(k, d)` in float64."""
    rng = torch.Generator().manual_seed(seed)
    normal = torch.randn(dim, min(count, dim), generator=rng, dtype=torch.float64)
    q, r = torch.linalg.qr(normal)
    # The signs of R make the distribution uniform (Mezzadri 2007).
    rows: Tensor = (q * r.diagonal().sign()).T
    return rows
