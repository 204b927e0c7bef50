"""How much a penalty weighs, how often it is computed, and which side pays it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError
from gan_lab.regularizers.turn import Sized, Turn
from gan_lab.schedule import Value, check_value, value_at

Side = Literal["critic", "generator"]
Payer = Literal["critic", "generator", "both"]


@dataclass(frozen=True)
class Regularizer:
    """A lazily computed penalty of one side, or of both.

    Every `every` generator steps the term `weight * every * penalty` joins the loss, so that its
    mean over time does not depend on `every`. Source: Karras et al., "Analyzing and improving the
    image quality of StyleGAN", 2020, sec. 3.1.

    Attributes:
        penalty: Keyword arguments, named as in `Turn`, to one value per sample; a module, if it
            has a state or weights.
        weight: Its weight in the loss, or a schedule of it.
        every: Interval in generator steps.
        side: Whose loss it joins: critic, generator or both.
    """

    penalty: Callable[..., Tensor] | Sized
    weight: Value = 1.0
    every: int = 1
    side: Payer = "critic"

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UserError: If the interval is below 1, the weight is negative or there is no such side.
        """
        if self.every < 1:
            raise UserError(f"regularizer: every is {self.every}; expected 1 or more steps")
        if self.side not in ("critic", "generator", "both"):
            raise UserError(
                f"regularizer: side is {self.side!r}; expected critic, generator or both"
            )
        check_value("regularizer: weight", self.weight)

    def is_due(self, step: int) -> bool:
        """Whether the penalty is computed in this generator step."""
        return self.weight != 0 and step % self.every == 0

    def is_paid_by(self, side: Side) -> bool:
        """Whether the penalty joins this side's loss."""
        return self.side in (side, "both")

    def value(self, turn: Turn) -> Float[Tensor, " b"]:
        """The penalty of each sample, `(b,)`.

        Raises:
            UserError: If the penalty is still to be sized.
        """
        if isinstance(self.penalty, Sized):
            name = type(self.penalty).__name__
            raise UserError(f"regularizer: {name} must be built first, by its `build`")
        return self.penalty(**vars(turn))

    def factor(self, images: int, share: float) -> float:
        """What multiplies the penalty on the steps when it is computed.

        Args:
            images: Real images shown to the critic so far.
            share: Share of the run that is over.
        """
        return value_at(self.weight, images, share) * self.every


@dataclass(frozen=True)
class Constraint:
    """A projection of one network's weights after each of its steps.

    Attributes:
        project: Changes the network in place.
        side: Whose weights.
    """

    project: Callable[[nn.Module], None]
    side: Side = "critic"
