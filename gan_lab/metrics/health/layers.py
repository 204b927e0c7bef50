"""Weights of a network, one by one."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

ITERATIONS = 3


def weights_of(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Every weight as the forward pass uses it, by name: after spectral norm, if there is one.

    Put the network in evaluation mode first: in training mode, reading a weight under spectral norm
    moves the norm's own estimate.
    """
    for prefix, module in network.named_modules():
        if "parametrizations" in prefix.split("."):
            continue
        dot = f"{prefix}." if prefix else ""
        yield from ((dot + name, w) for name, w in module.named_parameters(recurse=False))
        if is_parametrized(module):
            yield from (
                (dot + str(name), getattr(module, name)) for name in module.parametrizations
            )


def plain_name(name: str) -> str:
    """Name of a parameter as `weights_of` has it.

    >>> plain_name("body.0.parametrizations.weight.original"), plain_name("head.bias")
    ('body.0.weight', 'head.bias')
    """
    if not name.endswith(".original"):
        return name
    return name.removesuffix(".original").replace("parametrizations.", "")


class TopSingular:
    """Largest singular values by power iteration, which goes on where it last stopped.

    A few iterations suffice when weights change little from call to call; the value is a lower
    bound of the true one.
    """

    def __init__(self) -> None:
        self.vectors: dict[str, Tensor] = {}

    @torch.no_grad()
    def __call__(self, key: str, weight: Tensor) -> float:
        """Largest singular value of `weight`, `(outputs, ...)`, as a matrix (outputs, rest).

        Args:
            key: Name under which the vector is kept.
            weight: A weight of two or more axes.
        """
        matrix = weight.detach().flatten(1).float()
        vector = self.vectors.get(key)
        if vector is None or not bool(vector.isfinite().all()):
            # Not torch.randn: training draws from the same global state.
            rng = torch.Generator().manual_seed(0)
            vector = torch.randn(matrix.shape[1], generator=rng).to(matrix.device)
        for _ in range(ITERATIONS):
            image = matrix @ vector
            vector = nn.functional.normalize(matrix.T @ image, dim=0)
        self.vectors[key] = vector
        return float((matrix @ vector).norm())
