"""Augmentation with a probability that is known in advance."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.chain import Chain
from gan_lab.control import Control
from gan_lab.errors import UserError
from gan_lab.schedule import Schedule, Value, check_value, value_at


class Augment(Control):
    """Each transform acts on each sample with one probability.

    With probability 1 and the transforms of DiffAugment it is DiffAugment: Zhao et al.,
    "Differentiable augmentation for data-efficient GAN training", 2020.

    Args:
        transforms: Transforms by name, or families of them, in the order in which they act; None
            leaves one out.
        probability: From 0 to 1; a schedule must count images.

    Raises:
        UserError: If the probability lies outside [0, 1], or its schedule counts shares of a run.

    >>> from gan_lab.augment.noise import Noise
    >>> augment = Augment({"noise": Noise(std=0.1)}, probability=0.0)
    >>> augment(torch.ones(2, 3), torch.Generator())
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """

    images: Tensor

    def __init__(self, transforms: Mapping[str, Any], probability: Value = 1.0) -> None:
        super().__init__()
        _check(probability)
        self.chain = Chain(transforms)
        self.value = probability
        self.register_buffer("images", torch.zeros((), dtype=torch.int64))

    @property
    def probability(self) -> float:
        """The probability now."""
        return value_at(self.value, int(self.images), 0.0)

    def forward(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Samples `(b, c, *s)`, augmented; the same draws for the same state of `rng`."""
        return self.chain(x, rng, self.probability)

    def update(self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], images: int) -> None:
        """Count images: a schedule's only clock."""
        self.images += images

    def readings(self) -> dict[str, float]:
        """The probability."""
        return {"augment/probability": self.probability}


def _check(probability: Value) -> None:
    check_value("augment.probability", probability)
    if isinstance(probability, Schedule):
        if probability.images is None:
            raise UserError(
                "augment.probability: its schedule counts shares of the run; set its images, the "
                "number of images over which the probability changes"
            )
        highest = max(probability.first, probability.last)
    else:
        highest = probability
    if highest > 1:
        raise UserError(f"augment.probability is {highest}; expected a number from 0 to 1")
