"""Shapes and roles that every layer shares."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Samples = Float[Tensor, "b c *s"]
Latents = Float[Tensor, "b d"]
Label = Int[Tensor, " b"] | Float[Tensor, "b k"]
Logits = Float[Tensor, " b"]


@runtime_checkable
class Prior(Protocol):
    """A distribution over latents that knows its own geometry.

    Tensors: `z` is `(b, dim)`; `t` and `values` are `(s,)`; paths are `(b, s, dim)`.
    """

    dim: int

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU."""

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """Log-density (or log-probability) of each latent."""

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Path from `start` (t = 0) to `end` (t = 1) that stays where the prior has mass."""

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """Steps between positions of a path on which it is broken, `(b, s - 1)`."""

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """Nearest latent that the prior could have drawn."""

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        """Pull latents towards the centre: 1 leaves them, 0 gives the centre."""

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Move coordinate `index` through `values`, staying on the support."""


@runtime_checkable
class Generator(Protocol):
    """Latents `(b, d)` and labels `(b,)` to samples `(b, c, *s)`."""

    def __call__(
        self, z: Float[Tensor, "b d"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Generate."""


@runtime_checkable
class Critic(Protocol):
    """Samples `(b, c, *s)` and labels `(b,)` to one logit each, `(b,)`."""

    def __call__(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Judge."""


@runtime_checkable
class FeatureCritic(Protocol):
    """A critic that shows what its head reads."""

    feature_count: int

    def features(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b f"]:
        """Features `(b, feature_count)`."""


@runtime_checkable
class Transform(Protocol):
    """An augmentation: samples to samples, differentiable, with draws of its own per sample."""

    def __call__(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Transform `(b, c, *s)`; the same draws for the same state of `rng`."""
