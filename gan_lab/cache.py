"""Where gan_lab remembers what is slow to find out."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/gan_lab`, or `~/.cache/gan_lab`; it may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "gan_lab"
