"""From the formats of earlier versions to the present one, one step at a time.

1. `generator` and `latent` name what their run has set; the rest are defaults of the code.
2. They hold the defaults of their constructors too, so that a later default changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

FORMAT_VERSION = 2

Config = dict[str, Any]

# Defaults that have changed since format 1 would be filled in here, class by class.
MIGRATIONS: Mapping[int, Callable[[Config], Config]] = {
    1: lambda config: {"attributes": [], **config, "format_version": 2}
}


def migrated(config: Config) -> Config:
    """A configuration of any format from 1 on, in the present one."""
    while (version := config["format_version"]) != FORMAT_VERSION:
        config = MIGRATIONS[version](config)
    return config
