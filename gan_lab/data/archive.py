"""Archives of images: unpacked beside nothing, with limits, and without links."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import cast

from gan_lab.cache import cache_folder
from gan_lab.data.decode import EXTENSIONS
from gan_lab.errors import UserError

Opened = Callable[[], BufferedIOBase]
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Limits:
    """What an archive may hold; images are packed already and hardly shrink.

    Attributes:
        files: Number of members.
        total: Bytes of all images.
        growth: Bytes of all images over bytes of the archive.
    """

    files: int = 2_000_000
    total: int = 500 * 2**30
    growth: float = 20.0


def is_archive(path: Path) -> bool:
    """Whether the name is one of an archive.

    >>> is_archive(Path("photos.tar.gz")), is_archive(Path("photos"))
    (True, False)
    """
    return path.name.lower().endswith(SUFFIXES)


def unpacked(path: Path, limits: Limits | None = None) -> Path:
    """The folder with the images of an archive, unpacked once into the cache.

    Only images are written, each below the folder; links, devices and names that lead out of it
    are refused, and so is what is larger than `limits`.

    Raises:
        UserError: If the archive is damaged, or holds what it should not.
    """
    if not path.is_file():
        raise UserError(f"data.path={path} is no file; give a folder or an archive of images")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    folder = cache_folder() / "archives" / f"{path.name.partition('.')[0][:40]}_{digest}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".unpacking_", dir=folder.parent))
        try:
            _unpack(path, fresh, limits or Limits())
            os.replace(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except (
        tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, NotImplementedError,
        RuntimeError, OSError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"data.path={path} cannot be unpacked: {reason}") from error
    return folder


def _unpack(path: Path, folder: Path, limits: Limits) -> None:
    most = min(limits.total, int(limits.growth * path.stat().st_size) + 2**20)
    with closing(_members(path)) as members:
        for number, (name, opened) in enumerate(members):
            if number >= limits.files:
                raise ValueError(f"it holds more than {limits.files:,} files")
            target = _place(name, folder)
            if target is not None and opened is not None:
                most -= _copy(name, opened, target, most)


def _copy(name: str, opened: Opened, target: Path, most: int) -> int:
    """Write one image and return its bytes.

    Raises:
        ValueError: If it has more than `most`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened() as stream, target.open("xb") as file:
        while block := stream.read(2**20):
            written += len(block)
            if written > most:
                raise ValueError(f"{name} grows past the limit on what is unpacked")
            file.write(block)
    return written


def _members(path: Path) -> Generator[tuple[str, Opened | None], None, None]:
    """Name and opener of every member; None for folders."""
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                _refuse(info.filename, (info.external_attr >> 28) & 0xF not in (0, 4, 8))
                yield info.filename, None if info.is_dir() else partial(_zipped, archive, info)
        return
    with tarfile.open(path) as tar:
        for member in tar:
            _refuse(member.name, not (member.isreg() or member.isdir()))
            tarfile.data_filter(member, "/nowhere")
            yield member.name, partial(_content, tar, member) if member.isreg() else None


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BufferedIOBase:
    return cast(BufferedIOBase, archive.open(info))


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BufferedIOBase:
    return cast(BufferedIOBase, tar.extractfile(member))


def _refuse(name: str, special: bool) -> None:
    if special:
        raise ValueError(f"{name[:80]!r} is a link or a device; only files and folders are taken")


def _place(name: str, folder: Path) -> Path | None:
    """Where a member goes; None for those that are no images."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0:1] or "\0" in name:
        raise ValueError(f"{name[:80]!r} leads out of the archive")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return None if hidden or path.suffix.lower() not in EXTENSIONS else folder.joinpath(*path.parts)
