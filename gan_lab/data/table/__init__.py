"""A user's own series: tables with one row per time step, from CSV or Parquet files.

Reading order: `reading` opens files, `columns` tells dates from numbers, `cleaning` finds what is
wrong and handles it as the configuration says, `module` cuts windows.
"""

from gan_lab.data.table.module import Table

__all__ = ["Table"]
