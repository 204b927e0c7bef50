"""One image file to pixels: every format, mode and size ends in the same square of 8 bits."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from os import cpu_count
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

Resize = Literal["cover", "fit", "none"]
Color = Literal["auto", "grey", "rgb"]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
"""What is opened, whatever a file is called: other readers of Pillow start programs."""
_WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Decoder:
    """Reads image files as `uint8` arrays `(c, h, w)`.

    Attributes:
        size: Height and width of the result.
        resize: `cover` fills the square and crops the middle, `fit` shows the whole image on
            white, `none` keeps the size of the file. Resizing is antialiased (bicubic).
        grey: Whether to give one channel instead of three.
    """

    size: int
    resize: Resize
    grey: bool = False

    def __call__(self, path: Path) -> Pixels:
        """Read one file, upright (EXIF), transparent parts over white.

        Raises:
            ValueError: If it is an animation, or no file.
            Exception: Whatever Pillow raises on a broken file.
        """
        if path.exists() and not path.is_file():  # a pipe could be read without end
            raise ValueError("it is no file")
        with Image.open(path, formats=FORMATS) as file:
            # Cameras put a small copy beside the picture (MPO): that is no animation.
            if getattr(file, "is_animated", False) and file.format != "MPO":
                raise ValueError("it is an animation; give its frames as files of their own")
            image = self._resized(_opaque(ImageOps.exif_transpose(file)))
        if self.grey:
            return np.asarray(image.convert("L"))[None]
        return np.ascontiguousarray(np.asarray(image.convert("RGB")).transpose(2, 0, 1))

    def _resized(self, image: Image.Image) -> Image.Image:
        square = (self.size, self.size)
        if self.resize == "cover":
            return ImageOps.fit(image, square, method=Image.Resampling.BICUBIC)
        if self.resize == "fit":
            return ImageOps.pad(
                image.convert("RGB"), square, method=Image.Resampling.BICUBIC, color=_WHITE
            )
        return image


@dataclass(frozen=True)
class BadFile:
    """A file that could not be read, and why."""

    path: Path
    reason: str


def decode_all(decoder: Decoder, paths: Sequence[Path]) -> list[Pixels | BadFile]:
    """Read many files in threads, in order; a broken one gives a `BadFile`."""

    def attempt(path: Path) -> Pixels | BadFile:
        try:
            return decoder(path)
        # Pillow's readers raise almost anything on broken files.
        except Exception as error:
            return BadFile(path, _reason(error))

    with warnings.catch_warnings(), ThreadPool(min(cpu_count() or 1, 8)) as pool:
        warnings.simplefilter("ignore")
        # Set before the threads start: filters belong to the process, not to a thread.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return pool.map(attempt, paths, chunksize=16)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"its content is none of {', '.join(FORMATS)}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return " ".join(str(error).split()) or type(error).__name__


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow would clip 16 bits at 255; 65535 / 257 is exactly 255.
        levels = np.asarray(image).astype(np.float64) / 257
        return Image.fromarray(levels.round().clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        colors = image.convert("RGBA")
        white = Image.new("RGBA", colors.size, (*_WHITE, 255))
        return Image.alpha_composite(white, colors).convert("RGB")
    return (
        image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")
    )
