"""Moved to `gan_lab.atomic`."""

from gan_lab.atomic import write_atomically

__all__ = ["write_atomically"]
