"""What a generator shows along paths, and how far apart it is in some space of features."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Decode = Callable[[Tensor], Tensor]
"""Latents `(b, d)` to samples `(b, c, *s)` in model range."""

Features = Callable[[Tensor], Tensor]
"""Samples `(b, c, *s)` to features `(b, f)`; None stands for the values themselves."""

BATCH = 256


def embed(
    decode: Decode, z: Float[Tensor, "b d"], features: Features | None = None
) -> Float[Tensor, "b f"]:
    """Features of the samples of latents `(b, d)`, with gradient where it is on."""
    x = decode(z)
    flat: Tensor = (x if features is None else features(x)).flatten(1)
    return flat


@torch.no_grad()
def embed_paths(
    decode: Decode, z: Float[Tensor, "r s d"], features: Features | None = None
) -> Float[Tensor, "r s f"]:
    """Features along paths `(r, s, d)`, in small parts without gradient."""
    parts = [embed(decode, part, features) for part in torch.split(z.flatten(0, 1), BATCH)]
    return torch.cat(parts).view(*z.shape[:2], -1)


@torch.no_grad()
def decode_paths(decode: Decode, z: Float[Tensor, "r s d"]) -> Float[Tensor, "r s c *x"]:
    """Samples along paths `(r, s, d)` on the CPU, in small parts without gradient."""
    x = torch.cat([decode(part).cpu() for part in torch.split(z.flatten(0, 1), BATCH)])
    return x.view(*z.shape[:2], *x.shape[1:])


def step_lengths(points: Float[Tensor, "r s f"]) -> Float[Tensor, "r k"]:
    r"""How far each step goes, $\|f_{k+1} - f_k\|$, `(r, s - 1)`, in float64."""
    length: Tensor = points.double().diff(dim=1).norm(dim=2)
    return length
