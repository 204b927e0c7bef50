"""A walk as a moving picture: one frame per position, every row at once."""

import math
from collections.abc import Iterator, Sequence

from jaxtyping import Float
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from gan_lab.render.beside import Beside
from gan_lab.render.style import INK, MUTED, channel_name, dress, figure, heading, to_image
from gan_lab.render.walk_images import walk_images
from gan_lab.render.walk_points import cloud, plane_of
from gan_lab.render.walk_series import MOST_CHANNELS, gauge_colour
from gan_lab.spec import DataSpec

TRAIL = "#c3cad3"


def frames_of(
    x: Float[Tensor, "r s c *d"],
    positions: Float[Tensor, "r s"],
    beside: Beside,
    spec: DataSpec,
    *,
    rows: Sequence[str] = (),
    backdrop: Float[Tensor, "b c *d"] | None = None,
    title: str = "",
) -> list[Image.Image]:
    """One picture per column of a walk, with the gauge of every row in it.

    Args:
        x: Samples in model range, `(r, s, c, *d)`.
        positions: Where along its row each sample stands, `(r, s)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the samples look like.
        rows: One text per row.
        backdrop: Samples drawn behind points, `(b, c)`.
        title: Heading.
    """
    if spec.modality == "images":
        return list(_images(x, beside, spec, title))
    if spec.modality == "series":
        return list(_series(x, beside, spec, rows, title))
    return list(_points(x, positions, beside, spec, backdrop, title))


def _images(
    x: Float[Tensor, "r s c h w"], beside: Beside, spec: DataSpec, title: str
) -> Iterator[Image.Image]:
    across = next(c for c in range(math.isqrt(len(x) - 1) + 1, len(x) + 1) if len(x) % c == 0)
    for k in range(x.shape[1]):
        gauge, off = (values[:, k].view(-1, across) for values in (beside.gauge, beside.off))
        now = Beside(gauge, off.new_zeros(len(off), 0), off)
        sheet = x[:, k].reshape(-1, across, *x.shape[2:])
        yield walk_images(sheet, now, spec, title=title, cell=96, legend=False)


def _series(
    x: Float[Tensor, "r s c t"],
    beside: Beside,
    spec: DataSpec,
    rows: Sequence[str],
    title: str,
) -> Iterator[Image.Image]:
    channels = min(spec.channels, MOST_CHANNELS)
    y = spec.to_window_units(x.detach().cpu().flatten(0, 1)).float().reshape(x.shape).numpy()
    sheet = figure(2.8 * channels + 0.8, 1.45 * len(x) + 0.8)
    heading(sheet, title)
    panels = sheet.subplots(len(x), channels, squeeze=False, sharex=True, sharey="col")
    lines, notes = [], []
    for row in range(len(x)):
        for c in range(channels):
            axes = panels[row, c]
            dress(axes, "" if row else channel_name(spec.channel_names, c))
            axes.plot(y[row, :, c].T, color=TRAIL, lw=0.5, alpha=0.5)
            lines.append((row, c, axes.plot(y[row, 0, c], color=INK, lw=1.6)[0]))
            axes.yaxis.get_major_locator().set_params(nbins=4)
        panels[row, 0].set_ylabel(rows[row] if rows else f"path {row + 1}")
        notes.append(panels[row, -1].text(
            0.98, 0.95, "", transform=panels[row, -1].transAxes, ha="right", va="top", fontsize=8,
        ))  # fmt: skip
    _settle(sheet)
    for k in range(x.shape[1]):
        for row, c, line in lines:
            line.set_ydata(y[row, k, c])
        for row, note in enumerate(notes):
            percentile = float(beside.gauge[row, k])
            note.set(text=f"gauge {percentile:.0f} %", color=gauge_colour(percentile))
        yield to_image(sheet)


def _points(
    x: Float[Tensor, "r s c"],
    positions: Float[Tensor, "r s"],
    beside: Beside,
    spec: DataSpec,
    backdrop: Float[Tensor, "b c"] | None,
    title: str,
) -> Iterator[Image.Image]:
    sheet = figure(5.4, 5.0)
    heading(sheet, title)
    axes = sheet.subplots()
    cloud(axes, backdrop, spec)
    y = plane_of(x, positions, spec)
    for path in y:
        axes.plot(path[:, 0], path[:, 1], color="#8a94a3", lw=0.7, alpha=0.7)
    dots = axes.scatter(y[:, 0, 0], y[:, 0, 1], s=42, zorder=3, edgecolor="white", linewidth=0.8)
    note = axes.text(
        0.99, 0.99, "", transform=axes.transAxes, ha="right", va="top", fontsize=8, color=MUTED
    )
    _settle(sheet)
    for k in range(x.shape[1]):
        dots.set_offsets(y[:, k])
        dots.set_facecolor([_dot(float(value)) for value in beside.gauge[:, k]])
        low, high = float(beside.gauge[:, k].min()), float(beside.gauge[:, k].max())
        note.set_text(f"gauge {low:.0f} to {high:.0f} %")
        yield to_image(sheet)


def _settle(sheet: Figure) -> None:
    """Lay the figure out once, for all frames: nothing shakes, and a frame costs a fraction."""
    to_image(sheet)
    sheet.set_layout_engine("none")


def _dot(percentile: float) -> str:
    colour = gauge_colour(percentile)
    return INK if colour == MUTED else colour
