"""Files and pasted numbers from the browser to a sample in model range, within limits."""

import base64
import binascii
import io
import math
import warnings

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.page import limits
from gan_lab.spec import DataSpec

FORMATS = ("PNG", "JPEG", "WEBP")


def sample_of_upload(content: str, spec: DataSpec) -> Float[Tensor, "1 c *s"]:
    """A file, as a browser encodes it, to a sample.

    Args:
        content: `data:TYPE;base64,...`.
        spec: What samples look like.

    Raises:
        UserError: If the file is too large, damaged, or of another kind.
    """
    head, comma, body = content.partition(",")
    if not comma or not head.endswith(";base64"):
        raise UserError("the upload is damaged; choose the file again")
    if len(body) > limits.UPLOAD * 4 / 3 + 4:
        raise UserError(
            f"the file is larger than {limits.UPLOAD / 2**20:g} MB; choose a smaller one"
        )
    try:
        content_bytes = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise UserError("the upload is damaged; choose the file again") from error
    if spec.modality == "images":
        return sample_of_image(content_bytes, spec)
    try:
        text = content_bytes.decode()
    except UnicodeDecodeError as error:
        raise UserError("the file is no text; choose a CSV file of numbers") from error
    return sample_of_text(text, spec)


def sample_of_image(content: bytes, spec: DataSpec) -> Float[Tensor, "1 c h w"]:
    """A picture to a sample: its middle, as wide as samples are, in their colours.

    Raises:
        UserError: If it is no picture of a known format, or has too many pixels.
    """
    height, width = spec.spatial
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > limits.PIXELS:
            raise UserError(
                f"the picture has {picture.width} by {picture.height} pixels; expected at most "
                f"{limits.PIXELS / 1e6:g} million"
            )
        upright = ImageOps.exif_transpose(picture).convert("L" if spec.channels == 1 else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning,
            OSError, ValueError, SyntaxError) as error:  # fmt: skip
        raise UserError("this is no picture: expected a PNG, JPEG or WebP file") from error
    if spec.channels not in (1, 3):
        raise UserError(f"samples have {spec.channels} channels; pictures have 1 or 3")
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.BOX)
    values = torch.from_numpy(np.array(fitted, dtype=np.float32)).reshape(height, width, -1)
    low, high = spec.bounds or (0.0, 255.0)
    units = values.permute(2, 0, 1)[None] / 255 * (high - low) + low
    return spec.from_units(units)


def sample_of_text(text: str, spec: DataSpec) -> Float[Tensor, "1 c *s"]:
    """Numbers to a sample: of a series the last window, a row per step, a column per channel.

    A first row of names is left out.

    Raises:
        UserError: If there are too few rows, or a cell is no finite number.
    """
    if spec.modality == "images":
        raise UserError("samples are images; upload a picture instead of numbers")
    if len(text) > limits.TEXT:
        raise UserError(f"the text is longer than {limits.TEXT:,} characters; paste less")
    rows = [line for line in text.strip().splitlines() if line.strip()]
    if rows and _is_header(rows[0]):
        rows = rows[1:]
    needed = spec.spatial[0] + spec.known_steps if spec.modality == "series" else 1
    if len(rows) < needed:
        raise UserError(
            f"{len(rows)} rows of numbers; expected {needed} or more, each of {spec.channels}: "
            "comma, semicolon, tab or space between them"
        )
    table = torch.tensor([_row(k, row, spec.channels) for k, row in enumerate(rows[-needed:])])
    if spec.modality == "points":
        return spec.from_units(table[-1:])
    sample = spec.from_units(table.double().T[None])
    if not sample.isfinite().all():
        raise UserError("these numbers lie outside what the data can be; check their units")
    return sample


def _cells(row: str) -> list[str]:
    for mark in (",", ";", "\t"):
        if mark in row:
            return [cell.strip() for cell in row.split(mark)]
    return row.split()


def _is_header(row: str) -> bool:
    return not any(_finite(cell) for cell in _cells(row))


def _row(number: int, row: str, channels: int) -> list[float]:
    cells = _cells(row)
    if len(cells) != channels:
        raise UserError(f"row {number + 1}: {len(cells)} numbers; expected {channels}")
    if not all(_finite(cell) for cell in cells):
        raise UserError(f"row {number + 1}: {row[:40]!r}; expected finite numbers")
    return [float(cell) for cell in cells]


def _finite(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
