"""Frames to a moving picture."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError
from gan_lab.render.style import PAPER


def save_animation(frames: Sequence[Image.Image], path: Path, *, seconds: float = 0.25) -> None:
    """Write frames as animated WebP or GIF, by the suffix; the last one is held for longer.

    Args:
        frames: One or more pictures; smaller ones are padded to the largest.
        path: Ends in `.webp` or `.gif`.
        seconds: Time per frame.

    Raises:
        UserError: If there are no frames, the suffix is another one, or the folder cannot be
            written.
    """
    if not frames or path.suffix not in (".webp", ".gif"):
        raise UserError(f"{path}: an animation needs frames and a name in .webp or .gif")
    size = (max(f.width for f in frames), max(f.height for f in frames))
    padded = [_pad(frame.convert("RGB"), size) for frame in frames]
    times = [round(seconds * 1000)] * (len(frames) - 1) + [2000]
    options: dict[str, Any] = {"quality": 85, "method": 2} if path.suffix == ".webp" else {}
    options |= {"save_all": True, "append_images": padded[1:], "duration": times, "loop": 0}
    content = io.BytesIO()
    padded[0].save(content, format=path.suffix[1:], **options)
    write_atomically(path, content.getvalue())


def _pad(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("RGB", size, PAPER)
    sheet.paste(frame)
    return sheet
