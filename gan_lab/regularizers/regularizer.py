"""How much a penalty weighs, and how often it is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


@runtime_checkable
class Penalty(Protocol):
    """Critic and samples to one penalty per sample."""

    def __call__(
        self,
        critic: Callable[[Tensor], Tensor],
        *,
        real: Float[Tensor, "b c *s"],
        fake: Float[Tensor, "b c *s"],
        rng: torch.Generator | None = None,
    ) -> Float[Tensor, " b"]:
        """Penalty per sample."""


@dataclass(frozen=True)
class Regularizer:
    """A lazily computed penalty of the critic.

    Every `every` generator steps the term `weight * every * penalty` joins the loss, so that its
    mean over time does not depend on `every`. Source: Karras et al., "Analyzing and improving the
    image quality of StyleGAN", 2020, sec. 3.1.

    Attributes:
        penalty: The penalty.
        weight: Its weight in the loss.
        every: Interval in generator steps.
    """

    penalty: Penalty
    weight: float = 1.0
    every: int = 1

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If the interval is below 1 or the weight is negative.
        """
        if self.every < 1:
            raise UserError(f"regularizer: every is {self.every}; expected 1 or more steps")
        if self.weight < 0:
            raise UserError(f"regularizer: weight is {self.weight}; expected 0 or more")

    def is_due(self, step: int) -> bool:
        """Whether the penalty is computed in this generator step."""
        return self.weight > 0 and step % self.every == 0

    @property
    def factor(self) -> float:
        """What multiplies the penalty on the steps when it is computed."""
        return self.weight * self.every
