"""Where the yaml files lie: `conf/` beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGED = Path(__file__).parent / "conf"
_CHECKOUT = Path(__file__).parents[1] / "conf"

CONFIG_DIR: str = str(_PACKAGED if _PACKAGED.is_dir() else _CHECKOUT)
