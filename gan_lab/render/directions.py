"""Strips of samples moved along directions, with a gauge of how far off the prior each one is."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from gan_lab.render.beside import TYPICAL, Beside
from gan_lab.render.style import (
    INK,
    MUTED,
    TIME,
    caption,
    channel_name,
    dress,
    figure,
    heading,
    to_image,
)
from gan_lab.render.walk_images import walk_images
from gan_lab.render.walk_points import cloud, plane_of
from gan_lab.render.walk_series import gauge_note, gauge_panel
from gan_lab.spec import DataSpec

MOST_CHANNELS, MOST_PANELS, MOST_POINTS = 3, 3, 40


def render_directions(
    paths: Float[Tensor, "k b s c *d"],
    amounts: Float[Tensor, " s"],
    percentile: Float[Tensor, "k b s"],
    spec: DataSpec,
    *,
    names: Sequence[str],
    notes: Sequence[str],
    title: str = "",
    backdrop: Float[Tensor, "r c *d"] | None = None,
) -> Image.Image:
    """One strip per direction: rows of images, fans of coloured series, or moved points.

    Args:
        paths: Samples in model range, k directions by b starting latents by s amounts. Images and
            series show the first starting latent, points show up to 40.
        amounts: In standard deviations of the prior.
        percentile: Gauge of each latent, 0 to 100.
        spec: What the samples look like.
        names: Name of each direction.
        notes: A few words on each, such as its share of the change.
        title: Heading.
        backdrop: Samples drawn behind points in grey.
    """
    if spec.modality == "points":
        shown = slice(MOST_POINTS)
        sheet = _points(paths[:, shown], amounts, percentile[:, shown], spec, names, notes)
        for axes in sheet.axes:
            cloud(axes, backdrop, spec)
        return to_image(_finished(sheet, amounts, title, "small dots: outside percentiles 1 to 99"))
    beside = _beside(percentile[:, 0])
    texts = [f"{name}   {note}" if note else name for name, note in zip(names, notes, strict=True)]
    if spec.modality == "images":
        columns = [signed(amount) for amount in amounts.tolist()]
        return walk_images(paths[:, 0], beside, spec, rows=texts, columns=columns, title=title)
    sheet, note = _series(paths[:, 0], amounts, beside, spec, names, notes)
    return to_image(_finished(sheet, amounts, title, gauge_note(beside) + note))


def signed(amount: float) -> str:
    """An amount with its sign.

    >>> signed(1.5), signed(0.0)
    ('+1.5', '0')
    """
    return "0" if amount == 0 else f"{amount:+.3g}".replace("-", "\N{MINUS SIGN}")


def _beside(percentile: Float[Tensor, "k s"]) -> Beside:
    """Moves stay on the support and do not jump."""
    nothing = torch.zeros_like(percentile, dtype=torch.bool)
    return Beside(percentile, nothing[:, 1:], nothing)


def _series(
    x: Float[Tensor, "k s c t"],
    amounts: Float[Tensor, " s"],
    beside: Beside,
    spec: DataSpec,
    names: Sequence[str],
    notes: Sequence[str],
) -> tuple[Figure, str]:
    """Figure, and what its caption has to say on channels that are left out."""
    y = spec.to_window_units(x.detach().cpu().flatten(0, 1)).double()
    y = y.reshape(*x.shape[:2], *y.shape[1:])
    shown = _most_moved(y, amounts)
    sheet = figure(2.7 * len(shown) + 3.2, 1.45 * len(x) + 1.1)
    panels = sheet.subplots(
        len(x), len(shown) + 1, squeeze=False, sharex="col", sharey="col",
        gridspec_kw={"width_ratios": [2.7] * len(shown) + [1.3]},
    )  # fmt: skip
    norm = _shades(amounts)
    for row in range(len(x)):
        for axes, channel in zip(panels[row], shown, strict=False):
            dress(axes, "" if row else channel_name(spec.channel_names, channel))
            for k, amount in enumerate(amounts.tolist()):
                axes.plot(y[row, k, channel].numpy(), color=TIME(norm(amount)), lw=1.1, alpha=0.9)
            axes.yaxis.get_major_locator().set_params(nbins=4)
        gauge_panel(panels[row, -1], amounts, beside, row)
        panels[row, 0].set_ylabel(f"{names[row]}\n{notes[row]}", color=INK, fontsize=8.5)
    dress(panels[0, -1], "gauge, %")
    for axes in panels[-1, :-1]:
        axes.set_xlabel("time step")
    panels[-1, -1].set_xlabel("amount")
    left_out = spec.channels > len(shown)
    return sheet, f"; the {len(shown)} channels that move most" if left_out else ""


def _points(
    paths: Float[Tensor, "k b s c"],
    amounts: Float[Tensor, " s"],
    percentile: Float[Tensor, "k b s"],
    spec: DataSpec,
    names: Sequence[str],
    notes: Sequence[str],
) -> Figure:
    columns = min(len(paths), MOST_PANELS)
    rows = math.ceil(len(paths) / columns)
    sheet = figure(3.5 * columns + 1.0, 3.6 * rows + 0.9)
    panels = sheet.subplots(rows, columns, squeeze=False)
    norm = _shades(amounts)
    for k, axes in enumerate(list(panels.flat)):
        if k >= len(paths):
            axes.remove()
            continue
        height = amounts.expand(len(paths[k]), -1)
        flat = plane_of(paths[k], height, spec)
        typical = (percentile[k] >= TYPICAL[0]) & (percentile[k] <= TYPICAL[1])
        _moved(axes, flat, amounts, np.where(typical.numpy(), 16.0, 4.0), norm)
        axes.set_title(f"{names[k]}  ", loc="left", color=INK, fontsize=9.5, fontweight="bold")
        axes.set_title(notes[k], loc="right", color=MUTED, fontsize=8.5)
    return sheet


def _moved(
    axes: Axes,
    flat: np.ndarray,
    amounts: Float[Tensor, " s"],
    sizes: np.ndarray,
    norm: Normalize,
) -> None:
    for path, size in zip(flat, sizes, strict=True):
        axes.plot(path[:, 0], path[:, 1], color="#8a94a3", lw=0.7, alpha=0.7)
        axes.scatter(
            path[:, 0], path[:, 1], c=amounts.numpy(), cmap=TIME, norm=norm, s=size, zorder=3
        )


def _finished(sheet: Figure, amounts: Float[Tensor, " s"], title: str, note: str) -> Figure:
    """Heading, caption and the legend of amounts."""
    heading(sheet, title)
    caption(sheet, f"{note}; amounts in standard deviations of the prior")
    bar = sheet.colorbar(
        ScalarMappable(_shades(amounts), TIME), ax=sheet.axes, fraction=0.03, pad=0.03, aspect=30
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=MUTED, labelsize=8, length=0)
    bar.ax.set_title("amount", color=MUTED, fontsize=8.5)
    return sheet


def _shades(amounts: Float[Tensor, " s"]) -> Normalize:
    return Normalize(float(amounts.min()), float(amounts.max()))


def _most_moved(y: Float[Tensor, "k s c t"], amounts: Float[Tensor, " s"]) -> list[int]:
    """Numbers of the channels that move most, each in units of its own spread."""
    middle = y[:, int(amounts.abs().argmin())][:, None]
    spread = y.std((0, 1, 3), correction=0).clamp_min(1e-12)
    change = (y - middle).square().mean((0, 1, 3)).sqrt() / spread
    chosen: list[int] = change.argsort(descending=True)[:MOST_CHANNELS].sort().values.tolist()
    return chosen
