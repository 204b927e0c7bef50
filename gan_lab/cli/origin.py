"""Where a resumed run goes on from, and whether it may."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_lab.callbacks.resume import STATE
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import FOLDER, SUMS, is_whole, newest_whole, read_checkpoint
from gan_lab.export.plain import without_places
from gan_lab.export.runs import LATEST

# What may change freely: none of it has a part in the weights.
FREE = (
    "callbacks*", "model.log_every", "trainer.max_steps", "trainer.threads",
    "trainer.rollback*", "data.num_workers",
    "data.path", "name", "output", "debug", "dry_run", "resume", "resume_anyway",
)  # fmt: skip
MOST_DIFFERENCES = 6


@dataclass(frozen=True)
class Origin:
    """A run and the state from which it goes on.

    Attributes:
        folder: The run folder.
        checkpoint: File of the state; None starts at step 0, as the run had not saved yet.
        damaged: Newer checkpoints that could not be used.
        steps: Generator steps of the state.
        config: Configuration that the state was trained with; None without a checkpoint.
        facts: Versions, data and processes that it was trained with.
        events: Bytes of TensorBoard's files at that moment.
        anyway: Go on where something differs.
    """

    folder: Path
    checkpoint: Path | None = None
    damaged: tuple[Path, ...] = ()
    steps: int = 0
    config: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    anyway: bool = False

    @property
    def threads(self) -> int | None:
        """CPU threads that the run has used."""
        return self.facts.get("threads")

    def changes(self, config: Mapping[str, Any]) -> list[str]:
        """Keys of `config` that differ from the run's, such as `model.d_steps`.

        Raises:
            UserError: If there are some, unless `anyway` is set.
        """
        if self.config is None:
            return []
        differences = config_differences(without_places(self.config), without_places(config))
        self.check([f"{key}: {change}" for key, change in differences.items()])
        return list(differences)

    def check(self, differences: list[str]) -> None:
        """Refuse to go on with what is no longer the same run.

        Raises:
            UserError: Names what differs, unless `anyway` is set.
        """
        if differences and not self.anyway:
            more = len(differences) - MOST_DIFFERENCES
            shown = "; ".join(differences[:MOST_DIFFERENCES]) + (f"; {more} more" * (more > 0))
            raise UserError(
                f"this is not the run that {self.folder} was: {shown}. Undo that, or go on all "
                "the same with resume_anyway=true"
            )


def find_origin(text: str, *, anyway: bool = False) -> Origin:
    """The newest good state of a run.

    Args:
        text: A run folder, `latest`, `FOLDER/latest`, or a checkpoint file inside a run folder.
        anyway: See `Origin`.

    Raises:
        UserError: If there is no run, or none of its checkpoints is good.
    """
    path = Path(text).expanduser()
    if path.is_file():
        folder = path.absolute().parent.parent
        if not (folder / "config.yaml").is_file():
            raise UserError(f"resume={text} does not lie in the checkpoints/ of a run folder")
        if not is_whole(path):
            raise UserError(f"checkpoint {text} is damaged: its SHA-256 is not the one in {SUMS}")
        return _read(folder, path, (), anyway)
    folder = _newest(path) if path.name == LATEST and not path.exists() else path
    if not (folder / "config.yaml").is_file():
        reason = "is no run folder" if folder.exists() else "does not exist"
        raise UserError(f"resume={text} {reason}; give a folder that gan-lab train has made")
    checkpoint, damaged = newest_whole(folder / FOLDER)
    if checkpoint is None and damaged:
        names = ", ".join(p.name for p in damaged[:3])
        raise UserError(f"no good checkpoint in {folder / FOLDER}: {names} are damaged")
    if checkpoint is None:
        return Origin(folder, anyway=anyway)
    return _read(folder, checkpoint, tuple(damaged), anyway)


def config_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Keys whose values differ and have a part in the weights, with both values.

    >>> config_differences({"a": {"b": 1}, "name": "x"}, {"a": {"b": 2}, "name": "y"})
    {'a.b': '1 -> 2'}
    """
    old, new = _flat(before), _flat(now)
    return {
        key: f"{_shown(old, key)} -> {_shown(new, key)}"
        for key in sorted({*old, *new})
        if _shown(old, key) != _shown(new, key)
        and not any(fnmatch.fnmatch(key, free) for free in FREE)
    }


def fact_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Versions, data or number of processes that differ; nothing where a run had not saved yet."""
    if not before:
        return []
    old, new = _flat(before), _flat(now)
    names = [*(f"versions.{package}" for package in before["versions"]), "data.sha256", "processes"]
    return [
        f"{name}: {_shown(old, name)[:12]} -> {_shown(new, name)[:12]}"
        for name in names
        if _shown(old, name) != _shown(new, name)
    ]


def _read(folder: Path, path: Path, damaged: tuple[Path, ...], anyway: bool) -> Origin:
    state = read_checkpoint(path)
    extra = state.get("callbacks", {}).get(STATE)
    if extra is None:
        raise UserError(f"checkpoint {path} holds too little to resume from: it is too old")
    own = state["gan_lab"]
    facts = {**extra["facts"], "processes": len(extra["random"])}
    return Origin(
        folder, path, damaged, own["steps"], own["config"], facts, extra["events"], anyway
    )


def _newest(path: Path) -> Path:
    folder = Path("outputs") if len(path.parts) == 1 else path.parent
    found = [p for p in folder.rglob("config.yaml") if p.parent.name not in ("generator", ".hydra")]
    if not found:
        raise UserError(f"no run below {folder}; train one first: gan-lab train")
    return max(found, key=lambda p: (p.stat().st_mtime_ns, str(p))).parent


def _flat(node: Any, prefix: str = "") -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(node, Mapping):
        return {prefix: node}
    flat: dict[str, Any] = {}
    for key, value in node.items():
        flat |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


def _shown(flat: Mapping[str, Any], key: str) -> str:
    return str(flat[key]) if key in flat else "nothing"
