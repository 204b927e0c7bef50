"""What layers that run forward in time share: a state, carried from one piece to the next."""

from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

State = tuple[Tensor, ...]
"""What the past leaves behind: tensors `(b, ...)`, so that rows can be picked and repeated."""


@runtime_checkable
class Causal(Protocol):
    """Layers over time whose output at a step depends on that step and on earlier ones only.

    Running a series piece by piece with the carried state gives what running it whole gives.

    Attributes:
        channels: Channels that come out.
        state_size: How many numbers of the first state may be chosen; 0: it is fixed.
    """

    channels: int
    state_size: int

    def start(self, numbers: Float[Tensor, "b s"]) -> State:
        """The state before the first step, from `(b, state_size)` numbers."""

    def advance(
        self, x: Float[Tensor, "b i t"], state: State
    ) -> tuple[Float[Tensor, "b h t"], State]:
        """Series `(b, inputs, t)` to features `(b, channels, t)` and the state after them."""
