"""Samples as data URIs: pixels exactly as the generator made them, lines as small drawings."""

import base64
import io

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from gan_lab.render.images import to_rgb
from gan_lab.spec import DataSpec

SPARK_CHANNELS = 3
SPARK_COLOURS = ("#cf5b36", "#7d6b9c", "#2f6690")


def png(x: Float[Tensor, "1 c h w"], spec: DataSpec) -> bytes:
    """One image, pixel for pixel, without loss."""
    buffer = io.BytesIO()
    Image.fromarray(to_rgb(x, spec)[0]).save(buffer, "PNG")
    return buffer.getvalue()


def image_uri(x: Float[Tensor, "1 c h w"], spec: DataSpec) -> str:
    """The same as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png(x, spec)).decode()}"


def thumbnail(x: Float[Tensor, "1 c *s"], spec: DataSpec) -> str:
    """A small picture of a sample of any kind as a data URI."""
    if spec.modality == "images":
        return image_uri(x, spec)
    y = spec.to_window_units(x)[0].double()
    svg = _spark(y) if spec.modality == "series" else _numbers(y)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _spark(y: Float[Tensor, "c t"]) -> str:
    low, high = y.amin(1, keepdim=True), y.amax(1, keepdim=True)
    unit = (y - low) / (high - low).clamp_min(1e-12)
    lines = []
    for channel, colour in zip(unit[:SPARK_CHANNELS], SPARK_COLOURS, strict=False):
        step = 92 / max(len(channel) - 1, 1)
        places = " ".join(
            f"{4 + k * step:.1f},{44 - 40 * float(v):.1f}" for k, v in enumerate(channel)
        )
        lines.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
    return _svg("".join(lines))


def _numbers(y: Float[Tensor, " c"]) -> str:
    rows = [
        f'<text x="50" y="{20 + 14 * k}" text-anchor="middle" font-size="11" '
        f'font-family="sans-serif" fill="#6b7889">{float(v):.3g}</text>'
        for k, v in enumerate(y[:2])
    ]
    return _svg("".join(rows))


def _svg(content: str) -> str:
    size = 'viewBox="0 0 100 48" width="100" height="48"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{content}</svg>'
