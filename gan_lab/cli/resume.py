"""`gan-lab train resume=RUN`: the run's own configuration, then the same training as before."""

import difflib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from gan_lab.cli.schema import TrainConfig
from gan_lab.errors import UserError
from gan_lab.export.folder import read_file
from gan_lab.export.plain import from_yaml


def is_resume(words: Sequence[str]) -> bool:
    """Whether `resume=RUN` is among the words of a command line."""
    return any(w.startswith("resume=") and w not in ("resume=", "resume=null") for w in words)


def resume(words: Sequence[str]) -> None:
    """Go on with a run.

    Args:
        words: Words of the command line, `resume=RUN` among them.

    Raises:
        UserError: If the run cannot be found, or is not the same any more.
    """
    from gan_lab.cli.origin import find_origin
    from gan_lab.cli.run import run

    flags = [word for word in words if word.startswith("-") or word == "dry_run=true"]
    if flags:
        raise UserError(f"resume= takes no {flags[0]}; it goes on with one run")
    overrides = {o.get_key_element(): o for o in OverridesParser.create().parse_overrides([*words])}
    text = _plain(overrides.pop("resume"))
    anyway, trust = (_flag(overrides, name) for name in ("resume_anyway", "trust"))
    origin = find_origin(str(text), anyway=anyway)
    config = _open(origin.folder / "config.yaml", trust=trust)
    for override in overrides.values():
        _set(config, override)
    run(config, origin.folder, origin)


def _open(path: Path, *, trust: bool) -> DictConfig:
    """The configuration of a run, which may be a stranger's: its classes are checked first."""
    from gan_lab.export.targets import require_known_targets

    loaded = read_file(path, from_yaml)
    if not isinstance(loaded, dict):
        raise UserError(f"{path} is damaged: expected keys and values")
    if trust:
        Console(stderr=True).print(
            "[bold yellow]trust=true[/]: this runs whatever code the run's config.yaml names"
        )
    else:
        require_known_targets(loaded, str(path))
    config = OmegaConf.merge(OmegaConf.structured(TrainConfig), OmegaConf.create(loaded))
    assert isinstance(config, DictConfig)
    return config


def _flag(overrides: dict[str, Override], name: str) -> bool:
    value = _plain(overrides.pop(name)) if name in overrides else False
    if not isinstance(value, bool):
        raise UserError(f"{name}={value}: expected true or false")
    return value


def _set(config: DictConfig, override: Override) -> None:
    key, value = override.get_key_element(), _plain(override)
    parent, _, name = key.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    if not isinstance(node, DictConfig) or name not in node:
        keys = [str(k) for k in node] if isinstance(node, DictConfig) else []
        close = difflib.get_close_matches(name, keys, n=1, cutoff=0.5)
        hint = f"; did you mean {f'{parent}.{close[0]}'.lstrip('.')!r}?" if close else ""
        raise UserError(f"no key {key!r} in the configuration of the run{hint}")
    if isinstance(node._get_node(name), DictConfig) and isinstance(value, str):
        raise UserError(f"{key}={value}: a resumed run keeps its choices; set single keys of {key}")
    OmegaConf.update(config, key, value)


def _plain(override: Override) -> Any:  # noqa: ANN401
    if override.is_delete() or override.is_add() or override.is_sweep_override():
        raise UserError(f"{override.input_line}: resume= takes KEY=VALUE alone")
    return override.value()


def command_of(folder: str) -> str:
    """What to type to go on with the run in `folder`.

    >>> command_of("outputs/my run")
    "gan-lab train 'resume=outputs/my run'"
    """
    return f"gan-lab train {shlex.quote(f'resume={folder}')}"
