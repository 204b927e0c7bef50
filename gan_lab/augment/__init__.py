"""Differentiable augmentations of all that the critic sees, real and fake alike.

A transform maps samples `(b, c, *s)` to samples of the same shape, with draws of its own for each
sample. `Augment` applies a chain of them with a given probability, `Adaptive` with one that follows
the critic's overfitting.
"""

from gan_lab.augment.adaptive import Adaptive as Adaptive
from gan_lab.augment.augment import Augment as Augment

__all__ = ["Adaptive", "Augment"]
