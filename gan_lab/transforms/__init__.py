"""Declared changes of units with exact inverses, from a table's own units to ones to learn.

A transform is fitted to the training rows; what it then knows is plain numbers, which JSON keeps.
"""

from gan_lab.transforms.affine import FittedAffine, MinMax, Robust, Standard
from gan_lab.transforms.composition import Composition, FittedComposition, log_return
from gan_lab.transforms.difference import Difference, FittedDifference
from gan_lab.transforms.log import FittedLog, Log
from gan_lab.transforms.ohlc import OHLC, FittedOHLC
from gan_lab.transforms.ohlc_return import OHLCReturn
from gan_lab.transforms.rank_gaussian import FittedRankGaussian, RankGaussian
from gan_lab.transforms.transform import Fitted, Pointwise, Recoding, Scaling, Transform

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
    "OHLCReturn",
    "Pointwise",
    "RankGaussian",
    "Recoding",
    "Robust",
    "Scaling",
    "Standard",
    "Transform",
    "log_return",
]
