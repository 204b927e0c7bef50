"""Files of checkpoints: written whole, with their SHA-256 beside them in `SHA256SUMS`."""

import hashlib
import os
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import torch

from gan_lab.atomic import second_name, unwritable, whole_file, write_atomically
from gan_lab.errors import UserError
from gan_lab.export.sizes import check_checkpoint, check_values

FOLDER = "checkpoints"
LAST = "last.ckpt"
BEST = "best.ckpt"
SUMS = "SHA256SUMS"
UNSAFE = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


def write_checkpoint(state: Mapping[str, Any], path: Path, names: Sequence[str] = ()) -> None:
    """Write `state` to `path` and give the file further `names` in the same folder.

    The new hash is listed before the file appears and the old one goes afterwards, so that at every
    moment each file has a listed hash.

    Raises:
        UserError: If the folder cannot be written; every file is then as it was.
    """
    folder, all_names = path.parent, (path.name, *names)
    before = read_sums(folder)
    with whole_file(path) as file:
        hashing = _Hashing(file)
        try:
            torch.save(dict(state), cast(BinaryIO, hashing))
        except RuntimeError as error:  # torch's word for a write that failed
            raise hashing.error or error from error
        digest = hashing.sha.hexdigest()
        both = {name: (*before.get(name, ()), digest) for name in all_names}
        _write_sums(folder, {**before, **both})
    for name in names:
        second_name(path, folder / name)
    _write_sums(folder, {**before, **dict.fromkeys(all_names, (digest,))})


def remove_checkpoint(path: Path) -> None:
    """Remove a file and its line in the sums.

    Raises:
        UserError: If the folder cannot be written.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    sums = read_sums(path.parent)
    if sums.pop(path.name, None):
        _write_sums(path.parent, sums)


def is_whole(path: Path) -> bool:
    """Whether the file has the hash that is listed for it; False for files without one."""
    listed = read_sums(path.parent).get(path.name, ())
    if not listed or not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() in listed


def newest_whole(folder: Path) -> tuple[Path | None, list[Path]]:
    """The checkpoint to go on from, and those before it in the row that are damaged.

    `last.ckpt` comes first, then `step-*.ckpt` from the newest on.
    """
    steps = sorted(folder.glob("step-*.ckpt"), key=step_of, reverse=True)
    damaged: list[Path] = []
    for path in [folder / LAST, *steps]:
        if is_whole(path):
            return path, damaged
        if path.exists():
            damaged.append(path)
    return None, damaged


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The plain values and tensors of a checkpoint, on the CPU; code in it is refused.

    Raises:
        UserError: If it cannot be read, or holds more than values.
    """
    if os.environ.get(UNSAFE, "").lower() in ("1", "y", "yes", "true"):
        raise UserError(f"{UNSAFE} is set, which lets checkpoints run code; unset it")
    try:
        check_checkpoint(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        check_values(state)
    except (
        OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, AttributeError,
        LookupError, MemoryError, pickle.UnpicklingError,
    ) as error:  # fmt: skip
        raise UserError(f"checkpoint {path} cannot be read: {_first_line(error)}") from error
    if not isinstance(state, dict) or "gan_lab" not in state:
        raise UserError(f"{path} is no checkpoint of gan_lab")
    return state


def read_sums(folder: Path) -> dict[str, tuple[str, ...]]:
    """Hashes by file name; more than one while a file is being replaced."""
    try:
        lines = (folder / SUMS).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    sums: dict[str, tuple[str, ...]] = {}
    for line in lines:
        digest, _, name = line.partition("  ")
        sums[name] = (*sums.get(name, ()), digest)
    return sums


def step_of(path: Path) -> int:
    """Generator steps in the name of a `step-*.ckpt` file.

    >>> step_of(Path("step-000500.ckpt"))
    500
    """
    digits = path.stem.removeprefix("step-")
    return int(digits) if digits.isdigit() else -1


def _write_sums(folder: Path, sums: Mapping[str, Sequence[str]]) -> None:
    lines = [f"{digest}  {name}\n" for name in sorted(sums) for digest in dict.fromkeys(sums[name])]
    write_atomically(folder / SUMS, "".join(lines).encode())


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


class _Hashing:
    """A file that hashes what is written to it and remembers why a write failed."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.sha = file, hashlib.sha256()
        self.error: OSError | None = None

    def write(self, data: bytes | memoryview) -> int:
        self.sha.update(data)
        try:
            return self.file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self.file.flush()
