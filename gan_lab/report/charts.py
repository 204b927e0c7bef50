"""Charts as SVG whose colours come from the page: lines, bands, clouds, histograms, bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from markupsafe import Markup
from torch import Tensor

WIDTH, HEIGHT = 300.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 14.0, 8.0, 20.0


@dataclass(frozen=True)
class Line:
    """A curve: values `(k,)`, class of the page's style that colours it, name for the legend."""

    y: Sequence[float]
    style: str
    name: str = ""


@dataclass(frozen=True)
class Frame:
    """The mapping from numbers to places of a chart; `whole` asks for whole numbers along x."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float = WIDTH
    height: float = HEIGHT
    axes: bool = True
    whole: bool = False

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a point."""
        left, right, top, bottom = self._margins()
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0)
        return (
            left + across * (self.width - left - right),
            self.height - bottom - up * (self.height - top - bottom),
        )

    def svg(self, parts: Sequence[Markup], label: str) -> Markup:
        """The chart around its parts, with axes unless they are switched off."""
        inside = Markup("").join([*(self._axes() if self.axes else ()), *parts])
        return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
            self.width, self.height, label, inside
        )

    def _margins(self) -> tuple[float, float, float, float]:
        return (LEFT, RIGHT, TOP, BOTTOM) if self.axes else (3.0, 3.0, 3.0, 3.0)

    def _axes(self) -> list[Markup]:
        parts = []
        for value in ticks(*self.y):
            (x0, y0), (x1, _) = self.place(self.x[0], value), self.place(self.x[1], value)
            parts.append(
                Markup('<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
                .format(x0, y0, x1, y0)
            )  # fmt: skip
            parts.append(
                Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>')
                .format(x0 - 5, y0 + 3.5, short(value))
            )  # fmt: skip
        for value in ticks(*self.x, whole=self.whole):
            x0, _ = self.place(value, self.y[0])
            parts.append(
                Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
                .format(x0, self.height - 5, short(value))
            )  # fmt: skip
        return parts


def ticks(low: float, high: float, most: int = 4, *, whole: bool = False) -> list[float]:
    """Round numbers between two ends; whole ones if asked for.

    >>> ticks(0.0, 1.0)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    steps = (1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)
    step = next(k * power for k in steps if span / (k * power) <= most)
    step = max(step, 1.0) if whole else step
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def short(value: float) -> str:
    """A number for an axis.

    >>> short(2000.0), short(0.30000000000000004), short(0.0)
    ('2k', '0.3', '0')
    """
    if abs(value) >= 1000 and value == round(value / 100) * 100:
        return f"{value / 1000:g}k"
    return f"{value:.3g}"


def line_chart(
    lines: Sequence[Line],
    label: str,
    *,
    x: Sequence[float] | None = None,
    include: Sequence[float] = (),
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Markup:
    """Curves over shared whole positions; the axis reaches all that it is to `include`."""
    count = max(len(line.y) for line in lines)
    places = [float(k) for k in (range(count) if x is None else x)]
    known = [v for line in lines for v in line.y if math.isfinite(v)]
    known += list(include)
    frame = Frame((places[0], places[-1]), padded(known), width, height, whole=True)
    return frame.svg([_path(frame, places, line) for line in lines], label)


def spark(
    rows: Sequence[Line], label: str, *, width: float = 120.0, height: float = 60.0
) -> Markup:
    """Curves without axes."""
    known = [v for line in rows for v in line.y if math.isfinite(v)]
    frame = Frame((0.0, max(len(rows[0].y) - 1.0, 1.0)), padded(known), width, height, axes=False)
    return frame.svg([_path(frame, _counted(line), line) for line in rows], label)


def fan(y: Float[Tensor, "b t"], style: str, label: str, limits: tuple[float, float]) -> Markup:
    """Median, 50 % and 90 % of many series, and three of them."""
    q = y.double().quantile(y.new_tensor([0.05, 0.25, 0.5, 0.75, 0.95]).double(), dim=0).tolist()
    steps = y.shape[1]
    frame = Frame((0.0, max(steps - 1.0, 1.0)), limits, 480.0, 150.0, whole=True)
    parts = [_area(frame, q[0], q[4], f"{style} wide"), _area(frame, q[1], q[3], f"{style} half")]
    singles = y[:: max(1, len(y) // 3)][:3].tolist()
    parts += [_path(frame, _counted(line), line) for line in (Line(y, "single") for y in singles)]
    median = Line(q[2], style)
    return frame.svg([*parts, _path(frame, _counted(median), median)], label)


def cloud(
    groups: Sequence[tuple[str, Tensor, float]],
    label: str,
    *,
    box: tuple[tuple[float, float], tuple[float, float]],
    side: float = 300.0,
    axes: bool = True,
) -> Markup:
    """Points in the plane, group over group; outside ones are dropped.

    Args:
        groups: Style, points `(n, 2)` and radius of each group.
        label: What it shows, for those who cannot see it.
        box: Ranges of both axes.
        side: Width and height.
        axes: Whether to draw axes.
    """
    frame = Frame(box[0], box[1], side, side, axes)
    parts = []
    for style, points, radius in groups:
        dots = []
        for x, y in points.tolist():
            if box[0][0] <= x <= box[0][1] and box[1][0] <= y <= box[1][1]:
                at = frame.place(x, y)
                dots.append(f"M{at[0]:.1f} {at[1]:.1f}h0")
        # Zero-length strokes with round caps: one path for all dots of a group.
        parts.append(
            Markup('<path class="dots {}" stroke-width="{:g}" d="{}"/>')
            .format(style, 2 * radius, "".join(dots))
        )  # fmt: skip
    return frame.svg(parts, label)


def histogram(real: Float[Tensor, " n"], fake: Float[Tensor, " m"], label: str) -> Markup:
    """Densities of both over the range of the real values, widened by a tenth."""
    low, high = (float(v) for v in real.double().quantile(real.new_tensor([0.002, 0.998]).double()))
    pad = 0.1 * (high - low) or 1.0
    low, high, bins = low - pad, high + pad, 40
    heights = [
        (x.double().clamp(low, high).histc(bins, low, high) / len(x)).tolist() for x in (real, fake)
    ]
    frame = Frame((low, high), (0.0, 1.05 * max(map(max, heights)) or 1.0))
    parts = []
    for values, style in zip(heights, ("real", "fake"), strict=True):
        corners = []
        for k, value in enumerate(values):
            for edge in (k, k + 1):
                at = frame.place(low + (high - low) * edge / bins, value)
                corners.append(f"{at[0]:.1f},{at[1]:.1f}")
        parts.append(
            Markup('<polyline class="{} step" points="{}"/>').format(style, " ".join(corners))
        )
    return frame.svg(parts, label)


def padded(values: Sequence[float]) -> tuple[float, float]:
    """Range of values with a margin.

    >>> padded([0.0, 10.0])
    (-0.6, 10.6)
    """
    if not values:
        return (-1.0, 1.0)
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    return low - pad, high + pad


def _counted(line: Line) -> list[float]:
    return [float(k) for k in range(len(line.y))]


def _path(frame: Frame, places: Sequence[float], line: Line) -> Markup:
    steps, pen = [], "M"
    for x, y in zip(places, line.y, strict=False):
        if not math.isfinite(y):
            pen = "M"
            continue
        at = frame.place(x, y)
        steps.append(f"{pen}{at[0]:.1f} {at[1]:.1f}")
        pen = "L"
    return Markup('<path class="line {}" d="{}"/>').format(line.style, "".join(steps))


def _area(frame: Frame, low: Sequence[float], high: Sequence[float], style: str) -> Markup:
    there = [frame.place(float(k), v) for k, v in enumerate(low)]
    back = [frame.place(float(k), v) for k, v in reversed(list(enumerate(high)))]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*there, *back])
    return Markup('<polygon class="area {}" points="{}"/>').format(style, corners)
