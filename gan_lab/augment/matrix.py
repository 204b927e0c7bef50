"""Transforms that are matrices: neighbours in a chain are multiplied and applied once."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class MatrixTransform(ABC):
    """A transform that one matrix per sample describes.

    Matrices are drawn in float64 on the CPU, where products and inverses of small ones are exact
    enough to keep whole pixels whole, and which autocast leaves alone.
    """

    @property
    @abstractmethod
    def kind(self) -> Hashable:
        """Neighbours of one kind are multiplied and applied once."""

    @abstractmethod
    def matrix(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b k k"]:
        """One matrix per sample, float64 on the CPU."""

    @abstractmethod
    def transform(
        self, x: Float[Tensor, "b c *s"], matrix: Float[Tensor, "b k k"]
    ) -> Float[Tensor, "b c *s"]:
        """Apply one matrix per sample."""

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Draw a matrix for each sample and apply it."""
        return self.transform(x, self.matrix(x, rng))


def normal(n: int, std: float, rng: torch.Generator) -> Float[Tensor, " n"]:
    r"""`n` draws of $\mathcal N(0, \mathrm{std}^2)$, float64."""
    return std * torch.randn(n, generator=rng, dtype=torch.float64)


def uniform(n: int, low: float, high: float, rng: torch.Generator) -> Float[Tensor, " n"]:
    r"""`n` draws of $U(\mathrm{low}, \mathrm{high})$, float64."""
    return low + (high - low) * torch.rand(n, generator=rng, dtype=torch.float64)
