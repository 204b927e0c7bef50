"""What every feature extractor offers, and how its weights are hashed."""

import hashlib
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


@runtime_checkable
class Extractor(Protocol):
    """Samples `(b, c, *s)` to features `(b, d)`, with what a receipt needs."""

    @property
    def name(self) -> str:
        """Short name, with every setting that changes the features."""

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, in hexadecimal."""

    def __call__(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """Features of a batch in model range."""


def weights_digest(module: nn.Module) -> str:
    """SHA-256 of names, types, shapes and values of all parameters and buffers.

    >>> weights_digest(nn.ReLU())[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        digest.update(tensor_digest(value, name).encode())
    return digest.hexdigest()


def tensor_digest(x: Tensor, name: str = "") -> str:
    """SHA-256 of the type, shape and bytes of a tensor, and of a name."""
    header = f"{name} {x.dtype} {tuple(x.shape)}\n".encode()
    values = x.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return hashlib.sha256(header + values.tobytes()).hexdigest()


@torch.no_grad()
def extract(
    extractor: Extractor, x: Float[Tensor, "n c *s"], *, batch_size: int = 256
) -> Float[Tensor, "n d"]:
    """Features of many samples, `batch_size` at a time, without gradients."""
    return torch.cat([extractor(part) for part in torch.split(x, batch_size)])
