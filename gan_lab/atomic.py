"""Write a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gan_lab.errors import UserError

SUFFIX = ".writing"


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step, after it has reached the disk.

    Raises:
        UserError: If the folder cannot be written.
    """
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends without an error.

    It is written under another name in the same folder, flushed to the disk and renamed, so that a
    full disk or a kill leaves `path` as it was. What a kill leaves behind, `sweep` removes.

    Raises:
        UserError: If the folder cannot be written.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(SUFFIX, f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        flush_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def second_name(source: Path, target: Path) -> None:
    """Give the file `source` a second name `target`, which always holds a whole file.

    Raises:
        UserError: If the folder cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}{SUFFIX}")
    try:
        temporary.unlink(missing_ok=True)
        os.link(source, temporary)
        os.replace(temporary, target)
        flush_folder(target.parent)
    except OSError:  # a file system without links
        with source.open("rb") as file, whole_file(target) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> list[Path]:
    """Remove what killed writers left below `folder`; nobody else may be writing there."""
    stray = sorted(folder.rglob(f".*{SUFFIX}"))
    for path in stray:
        with suppress(OSError):
            path.unlink()
    return stray


def flush_folder(folder: Path) -> None:
    """Make renames in `folder` durable, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(path: Path, error: OSError) -> UserError:
    """What to tell when `path` cannot be written."""
    return UserError(f"{path} cannot be written: {error.strerror or error}")
