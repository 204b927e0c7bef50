"""Many image files to rows: all are decoded once before training, so that none fails later."""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Int
from PIL import Image
from torch import Tensor

from gan_lab.data.base import Rows, Samples, require_at_least, require_choice
from gan_lab.data.decode import FORMATS, BadFile, Color, Decoder, Pixels, Resize, decode_all
from gan_lab.data.files import IN_MEMORY_LIMIT, FileRows
from gan_lab.data.pixels import pixel_spec, to_model_range
from gan_lab.errors import UserError

OnBadFile = Literal["error", "skip"]

_log = logging.getLogger(__name__)
_CHUNK = 1024
_SHOWN = 5


@dataclass(frozen=True)
class ImageReader:
    """How files become rows.

    Attributes:
        size: Height and width of the images that networks see.
        resize: `cover` (fill the square, crop the middle), `fit` (whole image on white) or
            `none` (keep sizes, which must all be equal).
        color: `auto` (grey if every image is), `grey` or `rgb`.
        on_bad_file: `error` stops at unreadable files, `skip` leaves them out and tells how many.
        in_memory: `auto` reads from disk while training if the images need more than 2 GiB.
    """

    size: int = 64
    resize: Resize = "cover"
    color: Color = "auto"
    on_bad_file: OnBadFile = "error"
    in_memory: Literal["auto"] | bool = "auto"

    def read(
        self,
        name: str,
        paths: Sequence[Path],
        label: Int[Tensor, " n"] | None,
        classes: tuple[str, ...],
    ) -> Rows:
        """Decode every file and decide on channels and size.

        Raises:
            UserError: If files are unreadable or their sizes differ (`resize: none`).
        """
        on_disk = self._is_on_disk(paths)
        decoder = Decoder(self.size, self.resize, grey=self.color == "grey")
        survey = _survey(decoder, paths, keep=not on_disk)
        self._report(name, survey.bad, len(paths))
        good = survey.good
        label = None if label is None else label[torch.tensor(good, dtype=torch.long)]
        height, width = _common_size(name, survey.sizes)
        grey = self.color == "grey" or (self.color == "auto" and survey.grey)
        spec = pixel_spec(name, 1 if grey else 3, (height, width), classes)
        if on_disk:
            kept = tuple(paths[i] for i in good)
            return FileRows(kept, replace(decoder, grey=grey), survey.hashes, label, spec)
        pixels = np.stack([image[: spec.channels] for image in survey.pixels])
        return Samples(to_model_range(torch.from_numpy(pixels)), label, spec)

    def _is_on_disk(self, paths: Sequence[Path]) -> bool:
        if self.in_memory != "auto":
            return not self.in_memory
        height, width = (self.size, self.size)
        if self.resize == "none":
            width, height = _header_size(paths[0])
        return len(paths) * 3 * height * width * 4 > IN_MEMORY_LIMIT

    def _report(self, name: str, bad: Sequence[BadFile], total: int) -> None:
        if not bad:
            return
        names = [f"{file.path} ({file.reason})" for file in bad]
        listed = "; ".join(names[:_SHOWN])
        listed += f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        if self.on_bad_file == "error" or total - len(bad) < 2:
            raise UserError(
                f"{name}: {len(bad)} of {total} images cannot be read: {listed}; repair or remove "
                "them, or set data.on_bad_file=skip if enough others remain (2 or more)"
            )
        _log.warning("%s: skipped %d of %d images: %s", name, len(bad), total, "; ".join(names))


def image_reader(
    size: int, resize: str, color: str, on_bad_file: str, in_memory: bool | str
) -> ImageReader:
    """Check what a user gave and build the reader.

    Raises:
        UserError: If a value is out of range.
    """
    require_at_least("size", size, 1)
    return ImageReader(
        size,
        require_choice("resize", resize, get_args(Resize)),
        require_choice("color", color, get_args(Color)),
        require_choice("on_bad_file", on_bad_file, get_args(OnBadFile)),
        require_choice("in_memory", in_memory, ("auto", True, False)),
    )


@dataclass(frozen=True)
class _Survey:
    good: tuple[int, ...]
    bad: tuple[BadFile, ...]
    pixels: tuple[Pixels, ...]
    hashes: tuple[str, ...]
    sizes: Counter[tuple[int, int]]
    grey: bool


def _survey(decoder: Decoder, paths: Sequence[Path], keep: bool) -> _Survey:
    good, bad, pixels, hashes = [], [], [], []
    sizes: Counter[tuple[int, int]] = Counter()
    grey = True
    for first in range(0, len(paths), _CHUNK):
        for offset, image in enumerate(decode_all(decoder, paths[first : first + _CHUNK])):
            if isinstance(image, BadFile):
                bad.append(image)
                continue
            good.append(first + offset)
            sizes[(image.shape[1], image.shape[2])] += 1
            grey = grey and bool((image == image[:1]).all())
            hashes.append(hashlib.sha256(image.tobytes()).hexdigest())
            pixels += [image] if keep else []
    return _Survey(tuple(good), tuple(bad), tuple(pixels), tuple(hashes), sizes, grey)


def _common_size(name: str, sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) > 1:
        listed = ", ".join(f"{w}x{h} ({count})" for (h, w), count in sizes.most_common(3))
        raise UserError(
            f"{name}: images have {len(sizes)} different sizes, such as {listed}; with "
            "data.resize=none all must be equal; set data.resize=cover or fit"
        )
    return next(iter(sizes))


def _header_size(path: Path) -> tuple[int, int]:
    try:
        if path.is_file():
            with Image.open(path, formats=FORMATS) as image:
                return image.size
    except OSError:
        pass  # the survey tells what is wrong with it
    return (1, 1)
