"""State that follows the critic's judgement over training."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn


class Control(nn.Module, ABC):
    """A number that is steered by what the critic says, such as ADA's probability or BEGAN's k.

    Its state lives in buffers, so that a checkpoint restores it exactly.
    """

    @abstractmethod
    def update(self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], images: int) -> None:
        """Follow the logits of one critic step.

        Args:
            real: Logits on real samples, `(b,)`, of all processes.
            fake: Logits on fake samples, `(b,)`, of all processes.
            images: Real samples that the critic has been shown in this step.
        """

    @abstractmethod
    def readings(self) -> dict[str, float]:
        """What stands in the log beside the losses, by name."""
