"""One look for every picture: colours, fonts, axes."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image, ImageFont

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

PAPER = "#ffffff"
INK = "#243042"
MUTED = "#6b7889"
HAIR = "#e3e7ec"
REAL = "#2f6690"
GENERATED = "#d1603d"
DPI = 100

TIME = LinearSegmentedColormap.from_list("t", ["#2f6690", "#7d6b9c", "#c45f78", "#e9a23b"])
REAL_DENSITY = LinearSegmentedColormap.from_list("real", ["#d5e3ee", REAL, "#12304a"])
GENERATED_DENSITY = LinearSegmentedColormap.from_list(
    "generated", ["#f8dfd5", GENERATED, "#6b2710"]
)


def figure(width: float, height: float) -> Figure:
    """Empty figure of `width` x `height` inches that no pyplot state knows of."""
    sheet = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
    sheet.set_layout_engine("constrained", h_pad=0.07, w_pad=0.06)
    FigureCanvasAgg(sheet)
    return sheet


def to_image(sheet: Figure) -> Image.Image:
    """Rasterise a figure."""
    canvas = sheet.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    width, height = canvas.get_width_height()
    return Image.frombytes("RGBA", (width, height), pixels).convert("RGB")


def dress(axes: Axes, title: str = "") -> None:
    """Light grid below the data, no box, quiet ticks, title on the left."""
    axes.set_axisbelow(True)
    axes.grid(True, color=HAIR, linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#b8c1cc")
    axes.tick_params(colors=MUTED, labelsize=8, length=0)
    axes.xaxis.label.set(color=MUTED, fontsize=9)
    axes.yaxis.label.set(color=MUTED, fontsize=9)
    if title:
        axes.set_title(title, loc="left", color=INK, fontsize=9.5, fontweight="bold", pad=5)


def heading(sheet: Figure, text: str) -> None:
    """Title of a whole figure, on the left."""
    if text:
        sheet.suptitle(text, x=0.01, ha="left", color=INK, fontsize=12, fontweight="bold")


def caption(sheet: Figure, text: str) -> None:
    """Small note under a figure."""
    sheet.supxlabel(text, x=0.01, ha="left", color=MUTED, fontsize=8)


@cache
def font(size: int, *, bold: bool = False) -> "FreeTypeFont":
    """The font of the figures, for text that Pillow draws."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size)


def channel_name(names: tuple[str, ...], channel: int) -> str:
    """Name of a channel in words, or its number."""
    return names[channel].replace("_", " ") if names else f"channel {channel + 1}"
