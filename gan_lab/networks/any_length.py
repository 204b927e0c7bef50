"""Series of any length, piece by piece, and the continuation of a given past."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.components.carried import State
from gan_lab.errors import UserError
from gan_lab.types import Label


@runtime_checkable
class AnyLength(Protocol):
    """A generator whose state can be carried on, so that a series may outgrow those of training.

    `advance(noise(z), begin(z, label))` is what `forward(z, label)` gives, and cutting the noise
    into pieces changes nothing. A state is a tuple of tensors `(b, ...)`: rows can be picked and
    repeated, as for many futures of one past.

    Attributes:
        time: Steps of a series of training, T.
        local: Numbers of noise per step, k.
    """

    time: int
    local: int

    def begin(self, z: Float[Tensor, "b d"], label: Label | None = None) -> State:
        """The state before the first step, from latents `(b, d)` and labels."""

    def noise(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b k t"]:
        """The noise of the T steps that latents `(b, d)` hold, `(b, k, T)`."""

    def advance(
        self, noise: Float[Tensor, "b k t"], state: State
    ) -> tuple[Float[Tensor, "b c t"], State]:
        """The next t steps `(b, c, t)`, in model range, and the state after them."""


@runtime_checkable
class Continues(AnyLength, Protocol):
    """A generator that goes on from a given past: its state is a function of what it has shown."""

    def warm(
        self, past: Float[Tensor, "b c t"], z: Float[Tensor, "b d"], label: Label | None = None
    ) -> State:
        """The state after `past` `(b, c, t)`, in model range; z gives the global part."""


def latents_needed(network: AnyLength, steps: int) -> int:
    """Latents per path that hold the noise of `steps` steps."""
    return max(-(-steps // network.time), 1)


def generate_long(
    network: AnyLength,
    z: Float[Tensor, "b s d"],
    steps: int,
    *,
    label: Label | None = None,
    state: State | None = None,
) -> Float[Tensor, "b c t"]:
    """A path of `steps` steps from each row of latents, generated a training length at a time.

    The first latent of a row gives the global part; every latent gives the noise of its own T
    steps. With s = 1 and `steps` = T this is the plain generator.

    Args:
        network: The generator, in eval mode.
        z: Latents `(b, s, d)`, s of them per path; `latents_needed` tells how many.
        steps: Steps of each path.
        label: Labels `(b,)`, or None.
        state: Where to begin, such as the result of `warm`; None: where a series begins.

    Returns:
        Series `(b, c, steps)` in model range.

    Raises:
        UserError: If `steps` is below 1 or there are too few latents.
    """
    if steps < 1:
        raise UserError(f"steps is {steps}; expected 1 or more")
    if z.shape[1] < latents_needed(network, steps):
        raise UserError(
            f"{steps} steps need {latents_needed(network, steps)} latents per path, one for every "
            f"{network.time} steps; got {z.shape[1]}"
        )
    pieces = []
    state = network.begin(z[:, 0], label) if state is None else state
    for piece in range(latents_needed(network, steps)):
        noise = network.noise(z[:, piece])[:, :, : steps - piece * network.time]
        x, state = network.advance(noise, state)
        pieces.append(x)
    return torch.cat(pieces, dim=2)
