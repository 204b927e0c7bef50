"""Write a file whole or not at all."""

import os
import tempfile
from pathlib import Path

from gan_lab.errors import UserError


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step, after it has reached the disk.

    Raises:
        UserError: If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
