"""The two sides of the game as one value."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Loss(Protocol):
    """One side of the game: logits on real and fake to one loss per sample."""

    def __call__(
        self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]
    ) -> Float[Tensor, " b"]:
        """Loss per sample, to be minimised."""


@dataclass(frozen=True)
class Objective:
    """An adversarial objective.

    Attributes:
        critic: What the critic minimises.
        generator: What the generator minimises.
    """

    critic: Loss
    generator: Loss
