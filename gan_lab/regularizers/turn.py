"""All that a penalty may ask for in one step of the game."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gan_lab.errors import UserError
from gan_lab.spec import Labels
from gan_lab.types import FeatureCritic, Label, Prior

CriticFn = Callable[[Tensor], Tensor]
Sampler = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Judge:
    """A critic whose labels are bound: a function of samples alone.

    Attributes:
        network: The critic.
        label: Labels of the samples that it will judge, or None.
    """

    network: nn.Module
    label: Label | None = None

    def __call__(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, " b"]:
        """Logits `(b,)` of samples `(b, c, *s)`."""
        logit: Tensor = self.network(x, self.label)
        return logit

    def features(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b f"]:
        """What the critic's head reads, `(b, f)`.

        Raises:
            UserError: If the critic does not show its features.
        """
        if not isinstance(self.network, FeatureCritic):
            raise UserError(
                f"{type(self.network).__module__}.{type(self.network).__name__} has no "
                "features(x) and feature_count, which this regularizer reads; choose "
                "another critic, such as networks=dcgan, or leave the regularizer out"
            )
        return self.network.features(x)


@dataclass(frozen=True)
class Turn:
    """One step of one side. Samples are *views*: augmented and packed, as the critic sees them.

    Attributes:
        network: The network that moves: the critic or the generator.
        critic: Views to logits, labels bound.
        generator: Latents `(b, d)` to samples `(b, c, *s)`, labels bound; no view yet.
        view: Samples to views, with random draws of its own.
        z: The latents of this step, `(b, d)`.
        real: Views of real samples, `(b, c, *s)`.
        fake: Views of `generator(z)`, `(b, c, *s)`; in the generator's turn they carry its graph.
        real_logit: `critic(real)`, `(b,)`; without graph in the generator's turn.
        fake_logit: `critic(fake)`, `(b,)`.
        label: Labels, or None.
        rng: Source of every random draw.
    """

    network: nn.Module
    critic: Judge
    generator: Sampler
    view: Sampler
    z: Float[Tensor, "n d"]
    real: Float[Tensor, "b c *s"]
    fake: Float[Tensor, "b c *s"]
    real_logit: Float[Tensor, " b"]
    fake_logit: Float[Tensor, " b"]
    label: Int[Tensor, " n"] | Float[Tensor, "n k"] | None
    rng: torch.Generator


@runtime_checkable
class Sized(Protocol):
    """A penalty with weights of its own, built once the data and the critic are known."""

    def build(self, *, prior: Prior, labels: Labels, features: int) -> nn.Module:
        """The penalty as a module.

        Args:
            prior: Where latents come from.
            labels: What a label of the data is.
            features: Number of features that the critic shows.
        """
