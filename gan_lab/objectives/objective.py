"""What the players of the game minimise, as one value."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.control import Control
from gan_lab.errors import UserError


@runtime_checkable
class Loss(Protocol):
    """One side of the game: logits on real and fake to one loss per sample."""

    def __call__(
        self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]
    ) -> Float[Tensor, " b"]:
        """Loss per sample, to be minimised."""


@runtime_checkable
class SampleLoss(Protocol):
    """A distance between two sets of samples that needs no critic."""

    def __call__(
        self, *, real: Float[Tensor, "b c *s"], fake: Float[Tensor, "b c *s"]
    ) -> Float[Tensor, " b"]:
        """Share of each sample; the mean is the distance, to be minimised."""


@dataclass(frozen=True)
class Objective:
    """What critic and generator minimise.

    An adversarial objective has a loss for both players; a direct one compares samples and has no
    critic step. With both, the generator minimises the sum.

    Attributes:
        critic: What the critic minimises; None: there is no critic step.
        generator: What the generator minimises, from logits.
        samples: What the generator minimises directly on samples.
        control: State that follows the logits.

    >>> from gan_lab.objectives import rpgan
    >>> objective = Objective(rpgan.critic, rpgan.generator)
    >>> objective.critic_loss(real=torch.zeros(2), fake=torch.zeros(2))
    tensor([0.6931, 0.6931])
    """

    critic: Loss | None = None
    generator: Loss | None = None
    samples: SampleLoss | None = None
    control: Control | None = None

    def __post_init__(self) -> None:
        """Check that every player has a goal.

        Raises:
            UserError: If the generator has none, or one player of two has none.
        """
        if self.generator is None and self.samples is None:
            raise UserError(
                "objectives: the generator has no loss; give critic and generator, or samples"
            )
        if (self.critic is None) != (self.generator is None):
            missing = "critic" if self.critic is None else "generator"
            raise UserError(
                f"objectives: the {missing} has no loss; give critic and generator, or neither"
            )
        if self.control is not None and self.critic is None:
            raise UserError("objectives: control follows a critic's logits; give critic, generator")

    # The tensors below come from networks that nobody has checked, so shapes are no types here.

    def critic_loss(self, *, real: Tensor, fake: Tensor) -> Tensor:
        """The critic's loss per sample, `(b,)`, in float32 or better.

        Args:
            real: Logits on real samples, `(b,)`.
            fake: Logits on fake samples, `(b,)`.

        Raises:
            UserError: If there is no such loss or a shape is wrong.
        """
        return _logit_loss("critic", self.critic, real, fake)

    def generator_loss(self, *, real: Tensor, fake: Tensor) -> Tensor:
        """The generator's loss per sample from logits, `(b,)`, in float32 or better.

        Args:
            real: Logits on real samples, `(b,)`.
            fake: Logits on fake samples, `(b,)`.

        Raises:
            UserError: If there is no such loss or a shape is wrong.
        """
        return _logit_loss("generator", self.generator, real, fake)

    def sample_loss(self, *, real: Tensor, fake: Tensor) -> Tensor:
        """The generator's loss per sample from samples, `(b,)`, in float32 or better.

        Args:
            real: Real samples, `(b, c, *s)`.
            fake: Fake samples of the same shape.

        Raises:
            UserError: If there is no such loss or a shape is wrong.
        """
        if self.samples is None:
            raise UserError("objectives: samples has no loss in this objective")
        if real.shape != fake.shape or real.ndim < 2:
            raise UserError(
                f"objectives: real samples are {tuple(real.shape)}, fake ones are "
                f"{tuple(fake.shape)}; expected one shape (b, c, *s)"
            )
        return _per_sample("samples", self.samples(real=precise(real), fake=precise(fake)), real)


def precise(x: Tensor) -> Tensor:
    """`x` in float32, or in float64 if it is: half precision is for networks, not for losses."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _logit_loss(name: str, loss: Loss | None, real: Tensor, fake: Tensor) -> Tensor:
    if loss is None:
        raise UserError(f"objectives: {name} has no loss in this objective")
    if real.ndim != 1 or real.shape != fake.shape:
        raise UserError(
            f"objectives: logits are {tuple(real.shape)} on real and {tuple(fake.shape)} on fake "
            "samples; expected (b,) for both, one logit per sample: end the critic with flatten(0)"
        )
    return _per_sample(name, loss(real=precise(real), fake=precise(fake)), real)


def _per_sample(name: str, loss: Tensor, real: Tensor) -> Tensor:
    if loss.shape != real.shape[:1]:
        raise UserError(
            f"objectives: {name} returned {tuple(loss.shape)}; expected one loss per sample, "
            f"({len(real)},)"
        )
    return loss
