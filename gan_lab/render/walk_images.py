"""Walks of images: rows of pictures, each above its gauge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from jaxtyping import Float
from PIL import Image, ImageDraw
from torch import Tensor

from gan_lab.render.beside import TYPICAL, Beside, span
from gan_lab.render.images import to_rgb
from gan_lab.render.style import GENERATED, HAIR, INK, MUTED, PAPER, font
from gan_lab.spec import DataSpec

GAP, BAR, MARGIN, CELL = 6, 4, 14, 64
LINE = 16


@dataclass(frozen=True)
class Sheet:
    """Where everything lies on a sheet, in pixels.

    Attributes:
        rows: Number of rows.
        columns: Number of columns.
        width: Of a picture.
        height: Of a picture.
        left: Of the first picture.
        top: Of the first picture.
    """

    rows: int
    columns: int
    width: int
    height: int
    left: int
    top: int

    def at(self, row: int, column: int) -> tuple[int, int]:
        """Upper left corner of a picture."""
        x = self.left + column * (self.width + GAP)
        return x, self.top + row * (self.height + BAR + 3 + GAP)

    @property
    def right(self) -> int:
        """Where the text beside the rows begins."""
        return self.at(0, self.columns)[0] + 4

    @property
    def bottom(self) -> int:
        """Where the pictures and their bars end."""
        return self.at(self.rows, 0)[1] - GAP


def walk_images(
    x: Float[Tensor, "r s c h w"],
    beside: Beside,
    spec: DataSpec,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    cell: int = CELL,
    legend: bool = True,
) -> Image.Image:
    """Rows of pictures; below each the gauge, right of each row the range of its percentiles.

    Args:
        x: Images in model range, `(r, s, c, h, w)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the images look like.
        rows: One text per row.
        columns: One text per column.
        title: Heading.
        cell: Least number of pixels along the longer side of an image.
        legend: Whether to explain the bars.
    """
    pixels = to_rgb(x.flatten(0, 1), spec)
    factor = max(1, math.ceil(cell / max(pixels.shape[1:3])))
    pixels = pixels.repeat(factor, axis=1).repeat(factor, axis=2)
    left = MARGIN + (_widest(rows) + 10 if rows else 0)
    top = MARGIN + (28 if title else 0) + LINE
    sheet = Sheet(x.shape[0], x.shape[1], pixels.shape[2], pixels.shape[1], left, top)
    spans = [span(row) for row in beside.gauge]
    heading = round(font(14, bold=True).getlength(title)) + 2 * MARGIN
    wide = max(sheet.right + _widest([*spans, "100 to 100 %"]) + MARGIN, heading)
    notes = _notes(beside, wide) if legend else []
    tall = sheet.bottom + MARGIN + (LINE * len(notes) + 6 if notes else 0)
    picture = Image.new("RGB", (wide, tall), PAPER)
    draw = ImageDraw.Draw(picture)
    for k, image in enumerate(pixels):
        picture.paste(Image.fromarray(image), sheet.at(*divmod(k, sheet.columns)))
    draw.text((MARGIN, MARGIN - 3), title, INK, font(14, bold=True))
    _names(draw, sheet, rows, columns, spans)
    _marks(draw, sheet, beside)
    for k, note in enumerate(notes):
        draw.text((MARGIN, sheet.bottom + 9 + LINE * k), note, MUTED, font(11))
    return picture


def _names(
    draw: ImageDraw.ImageDraw,
    sheet: Sheet,
    rows: Sequence[str],
    columns: Sequence[str],
    spans: Sequence[str],
) -> None:
    """Texts around the pictures."""
    over, half = sheet.top - 5, sheet.height // 2
    for k, text in enumerate(columns[: sheet.columns]):
        middle = sheet.at(0, k)[0] + sheet.width / 2
        draw.text((middle, over), text, MUTED, font(11), anchor="ms")
    draw.text((sheet.right, over), "gauge", MUTED, font(11), anchor="ls")
    for k, text in enumerate(rows[: sheet.rows]):
        at = (sheet.left - 10, sheet.at(k, 0)[1] + half)
        draw.text(at, text, MUTED, font(12), anchor="rm")
    for k, text in enumerate(spans):
        draw.text((sheet.right, sheet.at(k, 0)[1] + half), text, MUTED, font(11), anchor="lm")


def _marks(draw: ImageDraw.ImageDraw, sheet: Sheet, beside: Beside) -> None:
    """Gauges, frames around what is off the support, lines where a row jumps."""
    for row in range(sheet.rows):
        for k in range(sheet.columns):
            x, y = sheet.at(row, k)
            low, right = y + sheet.height, x + sheet.width
            _gauge(draw, x, low + 3, sheet.width, float(beside.gauge[row, k]))
            if bool(beside.off[row, k]):
                draw.rectangle((x - 2, y - 2, right + 1, low + 1), outline=GENERATED, width=2)
            if beside.shows_jumps and k and bool(beside.jumps[row, k - 1]):
                draw.rectangle((x - 4, y, x - 3, low + BAR + 2), fill=GENERATED)


def _gauge(draw: ImageDraw.ImageDraw, x: int, y: int, width: int, percentile: float) -> None:
    """A bar from the middle of a track to the percentile."""
    draw.rectangle((x, y, x + width - 1, y + BAR - 1), fill=HAIR)
    middle, place = x + width // 2, x + round((width - 1) * percentile / 100)
    typical = TYPICAL[0] <= percentile <= TYPICAL[1]
    left, right = min(middle, place), max(middle, place)
    draw.rectangle((left, y, right, y + BAR - 1), fill=MUTED if typical else GENERATED)
    draw.line((middle, y - 1, middle, y + BAR), fill=INK)


def _notes(beside: Beside, width: int) -> list[str]:
    characters = max(20, int((width - 2 * MARGIN) / font(11).getlength("n")))
    return wrap("; ".join(beside.legend()), characters)


def _widest(texts: Sequence[str]) -> int:
    return round(max((font(12).getlength(text) for text in texts), default=0.0))
