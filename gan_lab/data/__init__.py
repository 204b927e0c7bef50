"""Data sets behind one contract: `DataModule` with a `DataSpec`, training and held-out rows.

Each data set lives in a module of its own and imports what it needs when it is used.
"""

from gan_lab.data.base import Batch, DataModule, Samples

__all__ = ["Batch", "DataModule", "Samples"]
