"""Operands and result of latent arithmetic, one row each."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from gan_lab.render.beside import Beside
from gan_lab.render.style import (
    GENERATED,
    INK,
    REAL,
    caption,
    channel_name,
    dress,
    figure,
    heading,
    to_image,
)
from gan_lab.render.walk import render_walk
from gan_lab.spec import DataSpec

COLOURS = ("#7d6b9c", "#8a94a3", REAL, GENERATED)


def render_sum(
    samples: Sequence[Float[Tensor, "_ c *s"]],
    gauge: Sequence[Float[Tensor, " _"]],
    spec: DataSpec,
    *,
    names: Sequence[str],
    notes: Sequence[str],
    title: str = "",
    backdrop: Float[Tensor, "b c *s"] | None = None,
) -> Image.Image:
    """a, b, c and the result; the first sample of each is that of the average latent.

    Args:
        samples: In model range; rows may differ in length.
        gauge: Percentile of each latent, 0 to 100.
        spec: What the samples look like.
        names: One per row.
        notes: What is seen in each row, in a few words.
        title: Heading.
        backdrop: Real points drawn behind points.
    """
    if spec.modality == "points":
        return to_image(_points(samples, spec, names, notes, title, backdrop))
    most = max(len(row) for row in samples)
    x = torch.stack([_padded(row, most) for row in samples])
    percentile = torch.stack([_padded(row, most) for row in gauge])
    none = torch.zeros(percentile.shape, dtype=torch.bool)
    beside = Beside(percentile, none[:, 1:], none)
    rows = [f"{name}, {note}" if note else name for name, note in zip(names, notes, strict=True)]
    if spec.modality == "series":  # these stand upright beside low panels
        rows = [row.replace(": ", "\n", 1).replace(", ", "\n") for row in rows]
    columns = ("average", *(str(k + 1) for k in range(most - 1)))
    positions = torch.arange(most, dtype=torch.float32).expand(percentile.shape)
    return render_walk(
        x, positions, beside, spec, table=True, rows=rows, columns=columns, title=title
    )


def _padded(row: Tensor, count: int) -> Tensor:
    """The row, its members again and again up to `count`, the average left out."""
    members = row[1:] if len(row) > 1 else row
    return torch.cat([row[:1], members.repeat(count, *[1] * (row.ndim - 1))[: count - 1]])


def _points(
    samples: Sequence[Tensor],
    spec: DataSpec,
    names: Sequence[str],
    notes: Sequence[str],
    title: str,
    backdrop: Tensor | None,
) -> Figure:
    sheet = figure(6.8, 5.6)
    heading(sheet, title)
    axes = sheet.subplots()
    dress(axes)
    if backdrop is not None:
        axes.scatter(*_plane(spec, backdrop), s=3, color="#cbd3dc", lw=0)
    for row, colour, name, note in zip(samples, COLOURS, names, notes, strict=True):
        text = f"{name}, {note}" if note else name
        axes.scatter(*_plane(spec, row[1:]), s=14, color=colour, alpha=0.8, label=text, lw=0)
        axes.scatter(*_plane(spec, row[:1]), s=90, color=colour, marker="*", edgecolors=INK, lw=0.6)
    axes.set_xlabel(channel_name(spec.channel_names, 0))
    axes.set_ylabel(channel_name(spec.channel_names, 1) if spec.channels > 1 else "")
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(frameon=False, fontsize=8.5, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    caption(sheet, "star: sample of the average latent")
    return sheet


def _plane(spec: DataSpec, x: Tensor) -> tuple[Tensor, Tensor]:
    y = spec.to_units(x.detach().cpu()).double()
    return y[:, 0], y[:, 1] if y.shape[1] > 1 else torch.zeros(len(y))
