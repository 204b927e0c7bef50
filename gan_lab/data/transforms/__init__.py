"""Declared changes of units with exact inverses, from a table's own units to ones to learn.

A transform is fitted to the training rows; what it then knows is plain numbers, which JSON keeps.
"""

from gan_lab.data.transforms.affine import FittedAffine, MinMax, Robust, Standard
from gan_lab.data.transforms.composition import Composition, FittedComposition, log_return
from gan_lab.data.transforms.difference import Difference, FittedDifference
from gan_lab.data.transforms.log import FittedLog, Log
from gan_lab.data.transforms.ohlc import OHLC, FittedOHLC
from gan_lab.data.transforms.rank_gaussian import FittedRankGaussian, RankGaussian
from gan_lab.data.transforms.transform import Fitted, Pointwise, Transform

__all__ = [
    "OHLC",
    "Composition",
    "Difference",
    "Fitted",
    "FittedAffine",
    "FittedComposition",
    "FittedDifference",
    "FittedLog",
    "FittedOHLC",
    "FittedRankGaussian",
    "Log",
    "MinMax",
    "Pointwise",
    "RankGaussian",
    "Robust",
    "Standard",
    "Transform",
    "log_return",
]
