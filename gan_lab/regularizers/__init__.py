"""Terms that keep the game honest: pure functions, one value per sample.

A penalty takes keyword arguments named as in `Turn` and returns shape `(b,)`. `Regularizer` says
how much it weighs, how often it is computed and which side pays it; a `Constraint` changes weights.
"""

from gan_lab.regularizers.regularizer import Constraint as Constraint
from gan_lab.regularizers.regularizer import Regularizer as Regularizer
from gan_lab.regularizers.turn import Judge as Judge
from gan_lab.regularizers.turn import Turn as Turn

__all__ = ["Constraint", "Judge", "Regularizer", "Turn"]
