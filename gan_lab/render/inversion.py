"""Inverted targets beside what the generator makes of them and the nearest training sample."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from PIL import Image, ImageDraw
from torch import Tensor

from gan_lab.render.images import to_rgb
from gan_lab.render.style import (
    GENERATED,
    HAIR,
    INK,
    MUTED,
    PAPER,
    REAL,
    caption,
    channel_name,
    dress,
    figure,
    font,
    heading,
    to_image,
)
from gan_lab.spec import DataSpec

CELL, GAP, MARGIN = 64, 6, 14
BAR, LONG = 5, 110
COLUMNS = ("target", "generated", "difference", "nearest training")
MOST_CHANNELS = 4
TYPICAL = (1.0, 99.0)
GAUGE = "gauge: percentile of the latent among the prior's own draws"


def render_inversion(
    target: Float[Tensor, "b c *s"],
    found: Float[Tensor, "b c *s"],
    nearest: Float[Tensor, "b c *s"],
    spec: DataSpec,
    *,
    names: Sequence[str],
    notes: Sequence[tuple[str, str]],
    percentile: Float[Tensor, " b"],
    title: str = "",
) -> Image.Image:
    """One row per target.

    Args:
        target: What was inverted, in model range.
        found: What the generator makes of the latents.
        nearest: The training sample nearest to each target.
        spec: What the samples look like.
        names: One per target.
        notes: How close the generated and the nearest training sample are, in words.
        percentile: Gauge of each latent, 0 to 100.
        title: Heading.
    """
    if spec.modality == "images":
        return _images(target, found, nearest, spec, names, notes, percentile, title)
    if spec.modality == "series":
        sheet = _series(target, found, nearest, spec, names, notes, percentile, title)
    else:
        sheet = _points(target, found, nearest, spec, percentile, title)
    return to_image(sheet)


def difference(
    target: UInt8[np.ndarray, "b h w 3"], found: UInt8[np.ndarray, "b h w 3"]
) -> UInt8[np.ndarray, "b h w 3"]:
    """White where both agree, orange where the generated image is brighter, blue where darker."""
    gap = (found.astype(float) - target).mean(3, keepdims=True) / 255
    strength = np.abs(gap) ** 0.5
    tone = np.where(gap > 0, _rgb(GENERATED), _rgb(REAL))
    mixed: np.ndarray = (1 - strength) * 255 + strength * tone
    return mixed.round().astype(np.uint8)


def _images(
    target: Tensor,
    found: Tensor,
    nearest: Tensor,
    spec: DataSpec,
    names: Sequence[str],
    notes: Sequence[tuple[str, str]],
    percentile: Tensor,
    title: str,
) -> Image.Image:
    real, made, near = (to_rgb(x, spec) for x in (target, found, nearest))
    columns = [_enlarged(x) for x in (real, made, difference(real, made), near)]
    height, width = columns[0].shape[1:3]
    left = MARGIN + round(max(font(12).getlength(name) for name in names)) + 12
    top = MARGIN + (28 if title else 0) + 18
    across = max(width + GAP, round(font(11).getlength(COLUMNS[3])) + GAP)
    texts = left + 4 * across + 10
    wide = texts + round(max(font(11).getlength(text) for pair in notes for text in pair))
    legend = f"{GAUGE}; orange: outside 1 to 99 %. Difference: orange brighter, blue darker"
    wide = max(wide, texts + LONG + 40, MARGIN + round(font(11).getlength(legend))) + MARGIN
    down = height + GAP
    sheet = Image.new("RGB", (wide, top + len(target) * down + 22 + MARGIN), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN - 3), title, INK, font(14, bold=True))
    for k, text in enumerate(COLUMNS):
        middle = left + k * across + across / 2
        draw.text((middle, top - 5), text, MUTED, font(11), anchor="ms")
    for row, name in enumerate(names):
        y = top + row * down
        middle = y + height // 2
        draw.text((left - 8, middle), name, MUTED, font(12), anchor="rm")
        for k, column in enumerate(columns):
            x = left + k * across + (across - width) // 2
            sheet.paste(Image.fromarray(column[row]), (x, y))
            draw.rectangle((x - 1, y - 1, x + width, y + height), outline=HAIR)
        draw.text((texts, middle - 18), notes[row][0], INK, font(11), anchor="lm")
        draw.text((texts, middle), notes[row][1], MUTED, font(11), anchor="lm")
        _gauge(draw, texts, middle + 15, float(percentile[row]))
    draw.text((MARGIN, sheet.height - MARGIN - 8), legend, MUTED, font(11))
    return sheet


def _gauge(draw: ImageDraw.ImageDraw, x: int, y: int, percentile: float) -> None:
    colour = REAL if TYPICAL[0] <= percentile <= TYPICAL[1] else GENERATED
    place = x + round(LONG * percentile / 100)
    draw.rectangle((x, y, x + LONG, y + BAR - 1), HAIR)
    draw.rectangle((max(x, place - 2), y - 2, min(x + LONG, place + 2), y + BAR + 1), colour)
    draw.text((x + LONG + 8, y + 2), f"{percentile:.1f} %", colour, font(11), anchor="lm")


def _enlarged(pixels: UInt8[np.ndarray, "b h w 3"]) -> UInt8[np.ndarray, "b h2 w2 3"]:
    factor = max(1, math.ceil(CELL / max(pixels.shape[1:3])))
    return pixels.repeat(factor, axis=1).repeat(factor, axis=2)


def _series(
    target: Tensor,
    found: Tensor,
    nearest: Tensor,
    spec: DataSpec,
    names: Sequence[str],
    notes: Sequence[tuple[str, str]],
    percentile: Tensor,
    title: str,
) -> Figure:
    rows, shown = len(target), _worst(target, found)
    sheet = figure(2.9 * len(shown) + 2.6, 1.55 * rows + 1.1)
    heading(sheet, title)
    panels = sheet.subplots(rows, len(shown) + 1, squeeze=False, sharex="col")
    lines = (
        (nearest, "#a7b0bd", 1.1, "nearest training"),
        (target, REAL, 1.6, "target"),
        (found, GENERATED, 1.1, "generated"),
    )
    for row in range(rows):
        for axes, channel in zip(panels[row], shown, strict=False):
            dress(axes, "" if row else channel_name(spec.channel_names, channel))
            for x, colour, width, text in lines:
                y = spec.to_window_units(x[row : row + 1].cpu())[0, channel]
                axes.plot(y.numpy(), color=colour, lw=width, label=text)
            axes.yaxis.get_major_locator().set_params(nbins=4)
        panels[row, 0].set_ylabel(names[row].replace(" to ", "\nto "), color=INK, fontsize=8.5)
        axes = panels[row, -1]
        axes.set_axis_off()
        typical = TYPICAL[0] <= float(percentile[row]) <= TYPICAL[1]
        axes.text(0, 0.75, notes[row][0], color=INK, fontsize=9)
        axes.text(0, 0.5, notes[row][1], color=MUTED, fontsize=9)
        axes.text(
            0, 0.25, f"gauge {percentile[row]:.1f} %", color=REAL if typical else GENERATED,
            fontsize=9,
        )  # fmt: skip
    for axes in panels[-1, :-1]:
        axes.set_xlabel("time step")
    handles, texts = panels[0, 0].get_legend_handles_labels()
    sheet.legend(handles, texts, loc="upper right", ncols=3, frameon=False, fontsize=8.5)
    some = (
        f"; the {len(shown)} channels that are matched worst" if spec.channels > len(shown) else ""
    )
    caption(sheet, f"{GAUGE}; orange: outside 1 to 99 %{some}")
    return sheet


def _worst(target: Tensor, found: Tensor) -> list[int]:
    """Channels with the largest errors."""
    error = (target - found).square().mean((0, 2))
    chosen: list[int] = error.argsort(descending=True)[:MOST_CHANNELS].sort().values.tolist()
    return chosen


def _points(
    target: Tensor,
    found: Tensor,
    nearest: Tensor,
    spec: DataSpec,
    percentile: Tensor,
    title: str,
) -> Figure:
    sheet = figure(6.4, 5.6)
    heading(sheet, title)
    axes = sheet.subplots()
    dress(axes)
    places = [_plane(spec.to_units(x.cpu())) for x in (target, found, nearest)]
    for start, end in zip(places[0], places[1], strict=True):
        axes.plot(*np.stack([start, end]).T, color="#a7b0bd", lw=0.9, zorder=1)
    off = (percentile < TYPICAL[0]) | (percentile > TYPICAL[1])
    axes.scatter(
        places[2][:, 0],
        places[2][:, 1],
        s=46,
        facecolors="none",
        edgecolors="#a7b0bd",
        label="nearest training",
    )
    axes.scatter(places[0][:, 0], places[0][:, 1], s=26, color=REAL, label="target")
    axes.scatter(places[1][:, 0], places[1][:, 1], s=14, color=GENERATED, label="generated")
    if off.any():
        away = places[1][off.numpy()]
        axes.scatter(away[:, 0], away[:, 1], s=70, marker="x", color=GENERATED, lw=1,
                     label="off the prior")  # fmt: skip
    axes.set_xlabel(channel_name(spec.channel_names, 0))
    axes.set_ylabel(channel_name(spec.channel_names, 1) if spec.channels > 1 else "")
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    caption(sheet, "a cross: the latent lies outside percentiles 1 to 99 of the prior's own draws")
    return sheet


def _plane(y: Tensor) -> np.ndarray:
    flat: Tensor = y[:, :2].float() if y.shape[1] > 1 else torch.cat([y, torch.zeros_like(y)], 1)
    return flat.numpy()


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=float)
