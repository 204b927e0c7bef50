"""Samples as small pictures: pixels as PNG in the page itself, series and points as SVG."""

import base64
import io

import torch
from jaxtyping import Float
from markupsafe import Markup
from PIL import Image
from torch import Tensor

from gan_lab.render.images import to_rgb
from gan_lab.render.style import channel_name
from gan_lab.report.charts import Line, cloud, fan, padded, spark
from gan_lab.spec import DataSpec

MOST_CHANNELS = 8
SPARK_CHANNELS = 3
STYLES = ("real", "fake")


def image_uri(x: Float[Tensor, "b c h w"], spec: DataSpec, *, columns: int, gap: int = 1) -> str:
    """Images row by row on one sheet, pixel for pixel, as a data URI; gaps are transparent."""
    pixels = to_rgb(x, spec)
    count, height, width = pixels.shape[:3]
    rows = -(-count // columns)
    size = (columns * (width + gap) - gap, rows * (height + gap) - gap)
    sheet = Image.new("RGBA", size, (0, 0, 0, 0))
    for i, picture in enumerate(pixels):
        at = (i % columns * (width + gap), i // columns * (height + gap))
        sheet.paste(Image.fromarray(picture), at)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def picture(x: Float[Tensor, "b c h w"], spec: DataSpec, label: str, *, columns: int) -> Markup:
    """A sheet of images as an element."""
    columns = min(columns, len(x))
    # Small pixels stay squares; photographs are smoothed.
    style = "pixels" if max(spec.spatial) <= 64 else ""
    return Markup('<img class="{}" alt="{}" src="{}">').format(
        style, label, image_uri(x, spec, columns=columns)
    )


def one(x: Tensor, spec: DataSpec, label: str, style: str) -> Markup:
    """One sample `(c, *s)`: an image, or channels of a series; nothing for points."""
    if spec.modality == "images":
        return picture(x[None], spec, label, columns=1)
    if spec.modality == "series":
        channels = spec.to_window_units(x[None])[0, :SPARK_CHANNELS]
        unit = (channels - channels.mean(1, keepdim=True)) / channels.std(1, keepdim=True).clamp(
            min=1e-12
        )
        return spark([Line(c.tolist(), style) for c in unit], label)
    return Markup("")


def sheets(real: Tensor, fake: Tensor, spec: DataSpec) -> list[tuple[str, Markup]]:
    """Generated samples beside real ones, with captions."""
    if spec.modality == "images":
        columns = 8
        count = columns * (6 if max(spec.spatial) <= 64 else 3)
        pairs = (("Real, held out", real), ("Generated, not chosen", fake))
        return [(name, picture(x[:count], spec, name, columns=columns)) for name, x in pairs]
    if spec.modality == "series":
        return _fans(real, fake, spec)
    return _clouds(real, fake, spec)


def _fans(real: Tensor, fake: Tensor, spec: DataSpec) -> list[tuple[str, Markup]]:
    units = [spec.to_window_units(x).float() for x in (real, fake)]
    found = []
    for channel in range(min(spec.channels, MOST_CHANNELS)):
        name = channel_name(spec.channel_names, channel)
        values = units[0][:, channel].flatten().double()
        values = values[:: max(1, len(values) // 100_000)]
        low, high = (float(v) for v in values.quantile(values.new_tensor([0.002, 0.998])))
        limits = padded([low, high])
        for y, style, word in zip(units, STYLES, ("real", "generated"), strict=True):
            caption = f"{name}, {word}"
            found.append((caption, fan(y[:, channel], style, caption, limits)))
    return found


def _clouds(real: Tensor, fake: Tensor, spec: DataSpec) -> list[tuple[str, Markup]]:
    units = [flat_pair(spec.to_window_units(x).float()[:1500]) for x in (real, fake)]
    box = square_box(units[0])
    return [
        (caption, cloud([(style, y, 1.6)], caption, box=box, side=420.0))
        for y, style, caption in zip(units, STYLES, ("Real, held out", "Generated"), strict=True)
    ]


def flat_pair(y: Float[Tensor, "n c"]) -> Float[Tensor, "n 2"]:
    """The first two channels; a single channel lies along a line."""
    return y[:, :2] if y.shape[1] > 1 else torch.cat([y, torch.zeros_like(y)], dim=1)


def square_box(y: Float[Tensor, "n 2"]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of equal length around most of the points."""
    edges = y.double().quantile(y.new_tensor([0.002, 0.998]).double(), dim=0)
    centre = edges.mean(dim=0)
    half = float((edges[1] - edges[0]).max()) / 2 * 1.15 or 1.0
    x, z = ((float(c) - half, float(c) + half) for c in centre)
    return x, z
