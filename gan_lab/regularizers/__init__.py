"""Penalties that keep the critic honest: pure functions, one value per sample.

A penalty takes the critic (a function of samples alone; labels are already bound), real and fake
samples and a random generator, and returns shape `(b,)`. `Regularizer` says how much it weighs and
how often it is computed.
"""

from gan_lab.regularizers.regularizer import Regularizer as Regularizer

__all__ = ["Regularizer"]
