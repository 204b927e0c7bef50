"""A run folder of its own for every run, even for two of one name in one second."""

from itertools import count
from pathlib import Path

from omegaconf import OmegaConf

_taken: dict[str, str] = {}


def register_fresh() -> None:
    """Make `${fresh:FOLDER}` known to hydra: the folder, or `FOLDER_2`, ..., which it creates."""
    _taken.clear()
    OmegaConf.register_new_resolver("fresh", _fresh, replace=True)


def fresh(folder: Path) -> Path:
    """Create `folder`, or the first of `folder_2`, `folder_3`, ... that does not exist yet."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for k in count(1):
        mine = folder if k == 1 else folder.with_name(f"{folder.name}_{k}")
        try:
            mine.mkdir()
        except FileExistsError:
            if not mine.is_dir():
                raise
        else:
            return mine
    raise AssertionError


def _fresh(folder: str) -> str:
    """The same answer each time hydra asks within one run."""
    if folder not in _taken:
        _taken[folder] = str(fresh(Path(folder)))
    return _taken[folder]
