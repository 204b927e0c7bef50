"""Series to look at before training, and what there is to say about them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

    from gan_lab.data import Samples
    from gan_lab.metrics.temporal.profile import Channel

LAGS = 20
MOST_WINDOWS = 500


@dataclass(frozen=True)
class Course:
    """Series of equal length: values `(b, c, t)` in units in which they can be compared.

    Attributes:
        values: One or several series.
        time: Date or number of each step, `(t,)`.
    """

    values: np.ndarray
    time: np.ndarray


def of_courses(
    facts: dict[str, Any], courses: Sequence[Course], names: tuple[str, ...]
) -> tuple[dict[str, Any], "Image"]:
    """Add the tests of every channel, and draw them."""
    import torch

    from gan_lab.metrics.temporal.profile import profile, suggest_together
    from gan_lab.render.profile import profile_figure
    from gan_lab.render.style import to_image

    blocks = [torch.from_numpy(course.values).double() for course in courses]
    channels = profile(blocks, lags=LAGS)
    facts = {
        **facts,
        "channels": {n: asdict(c) for n, c in zip(names, channels, strict=True)},
        "suggestion": suggest_together(channels),
    }
    lines = [(course.time, values) for course in courses for values in course.values]
    picture = profile_figure(
        lines,
        np.array([channel.autocorrelation for channel in channels]),
        np.array([channel.change_autocorrelation for channel in channels]),
        names=names,
        notes=[note(channel) for channel in channels],
        title=f"{facts['name']}: {len(lines):,} series of {_lengths(lines)} steps",
    )
    return facts, to_image(picture)


def stitched(train: "Samples", held_out: "Samples") -> Course:
    """The path that windows were cut from, or windows that do not overlap, in window units."""
    import torch

    parts = (train, held_out)
    x = torch.cat([part.spec.to_window_units(part.x) for part in parts]).double()
    steps = x.shape[2]
    if train.start is None or held_out.start is None:
        return Course(x[:MOST_WINDOWS].numpy(), np.arange(steps))
    start = torch.cat([train.start, held_out.start])
    order = start.argsort()
    start, x = start[order], x[order]
    if len(start) < 2 or int(start.diff().max()) > steps or int(start.diff().min()) < 1:
        return Course(x[:MOST_WINDOWS].numpy(), np.arange(steps))
    path = torch.empty(x.shape[1], int(start[-1]) + steps, dtype=x.dtype)
    for window, at in zip(x, start.tolist(), strict=True):
        path[:, at : at + steps] = window
    return Course(path[None, :, int(start[0]) :].numpy(), np.arange(path.shape[1] - int(start[0])))


def note(channel: "Channel") -> str:
    """A channel in a few words."""
    words = [channel.verdict] if channel.order < 1 else [f"{channel.verdict}, I({channel.order})"]
    if channel.period:
        words.append(f"season of {channel.period}")
    return ", ".join(words)


def _lengths(lines: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    low, high = (f(len(time) for time, _ in lines) for f in (min, max))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
