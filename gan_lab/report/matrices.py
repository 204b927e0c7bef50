"""Matrices as SVG: heat maps of correlations, graphs of who drives whom."""

import math
from collections.abc import Sequence

from jaxtyping import Bool, Float
from markupsafe import Markup
from torch import Tensor


def heat_map(matrix: Float[Tensor, "c c"], names: Sequence[str], label: str) -> Markup:
    """Cells from -1 to 1: one colour for each sign, its opacity the size; a title for each."""
    size = len(matrix)
    cell = max(10.0, min(34.0, 240.0 / size))
    side = cell * size
    cells = []
    for i, row in enumerate(matrix.tolist()):
        for j, value in enumerate(row):
            known = math.isfinite(value)
            style = "nothing" if not known else "fake" if value > 0 else "real"
            cells.append(
                Markup(
                    '<rect class="cell {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" '
                    'fill-opacity="{:.3f}"><title>{} and {}: {}</title></rect>'
                ).format(
                    style, j * cell, i * cell, cell - 1, cell - 1,
                    min(abs(value), 1.0) if known else 1.0, names[i], names[j],
                    f"{value:.2f}" if known else "undefined",
                )
            )  # fmt: skip
    return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        side, side, label, Markup("").join(cells)
    )


def graph(
    edge: Bool[Tensor, "c c"],
    strength: Float[Tensor, "c c"],
    names: Sequence[str],
    label: str,
    style: str,
) -> Markup:
    """Channels on a circle; an arrow from each driver, the thicker the stronger."""
    count, side, radius = len(names), 260.0, 88.0
    spots = [
        (
            side / 2 + radius * math.sin(2 * math.pi * k / count),
            side / 2 - radius * math.cos(2 * math.pi * k / count),
        )
        for k in range(count)
    ]
    strongest = float(strength.nan_to_num(0.0).max()) or 1.0
    marker = f"arrow-{style}"
    parts = [
        Markup(
            '<defs><marker id="{}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
            '<path class="head {}" d="M0 0L8 4L0 8z"/></marker></defs>'
        ).format(marker, style)
    ]
    for i, j in edge.nonzero().tolist():
        thick = 1.0 + 3.0 * math.sqrt(max(float(strength[i, j]), 0.0) / strongest)
        parts.append(_arrow(spots[i], spots[j], thick, marker, style))
    for name, (x, y) in zip(names, spots, strict=True):
        parts.append(Markup('<circle class="node" cx="{:.1f}" cy="{:.1f}" r="5"/>').format(x, y))
        anchor = "middle" if abs(x - side / 2) < 8 else "start" if x > side / 2 else "end"
        dx = 0 if anchor == "middle" else 9 if anchor == "start" else -9
        dy = 4 if anchor != "middle" else -10 if y < side / 2 else 18
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
            .format(x + dx, y + dy, anchor, name[:14])
        )  # fmt: skip
    return Markup('<svg viewBox="-40 0 340 260" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(parts)
    )


def _arrow(
    start: tuple[float, float], end: tuple[float, float], thick: float, marker: str, style: str
) -> Markup:
    """A slightly bent arrow, so that two in opposite directions do not hide each other."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    x0, y0, x1, y1 = x0 + 8 * ux, y0 + 8 * uy, x1 - 9 * ux, y1 - 9 * uy
    mx, my = (x0 + x1) / 2 - 14 * uy, (y0 + y1) / 2 + 14 * ux
    return Markup(
        '<path class="edge {}" stroke-width="{:.1f}" marker-end="url(#{})" '
        'd="M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}"/>'
    ).format(style, thick, marker, x0, y0, mx, my, x1, y1)
