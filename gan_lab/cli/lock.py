"""One process at a time writes to a run folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gan_lab.atomic import unwritable
from gan_lab.errors import UserError

FILE = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, a file with the number of this process.

    The system lets go of it when the process ends, however it ends, so that a killed run leaves
    nothing in the way. Windows has no such locks; there, nothing is locked.

    Raises:
        UserError: If another process holds it, or the folder cannot be written.
    """
    if os.name == "nt":
        yield
        return
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = _take(path, folder)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _take(path: Path, folder: Path) -> int:
    import fcntl

    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise UserError(
                f"run folder {folder} is in use by process {owner}; wait for it, or stop it"
            ) from error
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(path), os.fstat(handle)):
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        os.close(handle)  # its last owner has removed the file in between
