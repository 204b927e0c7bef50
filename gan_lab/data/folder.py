"""A user's own folder of images, checked file by file before training begins."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from gan_lab.data.archive import is_archive, unpacked
from gan_lab.data.base import DataModule, Rows
from gan_lab.data.decode import EXTENSIONS
from gan_lab.data.reader import image_reader
from gan_lab.errors import UserError


class Folder(DataModule):
    """Images of a folder and of all folders inside it.

    Folders directly inside `path` become classes when there are two or more. Hidden files are
    skipped; only png, jpeg, webp and bmp are read.

    Args:
        path: The folder, or a zip or tar archive of one; it must be given.
        size: Height and width of the images that networks see.
        resize: `cover` (fill the square, crop the middle), `fit` (whole image on white) or
            `none` (keep sizes, which must all be equal).
        color: `auto` (grey if every image is), `grey` or `rgb`.
        on_bad_file: `error` or `skip`.
        in_memory: `auto` reads from disk while training if the images need more than 2 GiB;
            then `train` and `held_out` hold evenly spaced rows of at most 1 GiB each.
        labels: Whether folders become classes.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If an argument is missing or out of range.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        size: int = 64,
        resize: str = "cover",
        color: str = "auto",
        on_bad_file: str = "error",
        in_memory: bool | str = "auto",
        labels: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if not path:
            raise UserError("data=folder needs data.path=DIR, the folder that holds the images")
        self.path = Path(path).expanduser()
        self.labels = labels
        self.reader = image_reader(size, resize, color, on_bad_file, in_memory)

    def load(self) -> Rows:
        """Read every file once.

        Raises:
            UserError: If there are fewer than two images, or some cannot be read or combined.
        """
        folder = unpacked(self.path) if is_archive(self.path) else self.path
        paths = find_images(folder)
        classes, label = folder_labels(folder, paths) if self.labels else ((), None)
        name = self.path.resolve().name
        name = name.partition(".")[0] if folder is not self.path else name
        return self.reader.read(name or "folder", paths, label, classes)


def find_images(path: Path) -> list[Path]:
    """Image files in `path` and below, sorted; hidden ones left out, linked folders followed.

    Raises:
        UserError: If `path` is no folder or holds fewer than two images.
    """
    if not path.exists():
        raise UserError(f"data.path={path} does not exist; give a folder of images")
    if not path.is_dir():
        raise UserError(
            f"data.path={path} is a file; give the folder that holds the images, or a .zip or .tar"
        )
    found = sorted(_walk(path))
    for file in found:
        _require_readable_name(file)
    images = [file for file in found if file.suffix.lower() in EXTENSIONS]
    if len(images) < 2:
        raise UserError(
            f"data.path={path} holds {len(images)} images ({len(found)} files); at least 2 are "
            f"needed, one of them held out; readable are {', '.join(EXTENSIONS)}"
        )
    return images


def folder_labels(
    path: Path, images: list[Path]
) -> tuple[tuple[str, ...], Int[Tensor, " n"] | None]:
    """Names of the folders directly inside `path` and the number of its folder for each image.

    Raises:
        UserError: If some images lie in class folders and some beside them.
    """
    folders = [parts[0] if len(parts) > 1 else "" for parts in _parts_below(path, images)]
    classes = sorted(set(folders))
    if len(classes) < 2:
        return (), None
    if "" in classes:
        raise UserError(
            f"data.path={path}: {folders.count('')} images lie beside the folders "
            f"{', '.join(classes[1:4])}; move them into one, or set data.labels=false"
        )
    number = {name: i for i, name in enumerate(classes)}
    return tuple(classes), torch.tensor([number[name] for name in folders])


def _require_readable_name(file: Path) -> None:
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(file).decode(errors="replace")
        raise UserError(f"{shown}: the name of this file is no UTF-8; rename it") from error


def _unreadable(error: OSError) -> None:
    reason = str(error.strerror).lower()
    raise UserError(f"{error.filename}: this folder cannot be read: {reason}") from error


def _parts_below(path: Path, images: list[Path]) -> list[tuple[str, ...]]:
    return [image.relative_to(path).parts for image in images]


def _walk(path: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for root, folders, files in os.walk(path, onerror=_unreadable, followlinks=True):
        if (real := os.path.realpath(root)) in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in files if not name.startswith("."))
