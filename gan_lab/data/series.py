"""Windows cut from tables of time steps, in units that networks can learn."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.base import Samples
from gan_lab.data.split import Shares, chronological_parts
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec


@dataclass(frozen=True)
class Cut:
    """Where windows begin in several series, and how much of each series training sees.

    Attributes:
        start: First step of every window on a clock that all series share, `(n,)`, series after
            series.
        local: The same, counted from the beginning of its own series, one tensor a series.
        trained: Steps of each series that training windows cover.
    """

    start: Int[Tensor, " n"]
    local: tuple[Int[Tensor, " _"], ...]
    trained: tuple[int, ...]


def cut(
    lengths: Sequence[int], *, window: int, stride: int, shares: Shares, late: Sequence[int] = ()
) -> Cut:
    """Windows that begin every `stride` steps and never cross from one series to the next.

    The clock puts the last steps of all series together, so that the held-out part is the end of
    every series; a series whose last step comes before the others' is moved back by `late`.

    Args:
        lengths: Steps of each series.
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        shares: How windows are divided.
        late: Steps between the end of each series and the end of the longest lasting one.

    Raises:
        UserError: If no window fits, or none is left for training.
    """
    if window > max(lengths):
        raise UserError(
            f"data.window={window} is longer than the series of {max(lengths)} steps; "
            "use a shorter window"
        )
    late = late or [0] * len(lengths)
    ends = max(n + gap for n, gap in zip(lengths, late, strict=True))
    shifts = [ends - gap - n for n, gap in zip(lengths, late, strict=True)]
    local = tuple(torch.arange(0, max(n - window + 1, 0), stride) for n in lengths)
    start = torch.cat([first + shift for first, shift in zip(local, shifts, strict=True)])
    train = chronological_parts(start, window, shares).train
    last = int(start[train].max())
    kept = [first[first + shift <= last] for first, shift in zip(local, shifts, strict=True)]
    return Cut(start, local, tuple(int(k.max()) + window if len(k) else 0 for k in kept))


def windowed(
    table: Float[Tensor, "t c"],
    *,
    name: str,
    channel_names: tuple[str, ...],
    window: int,
    stride: int,
    shares: Shares,
) -> Samples:
    """Cut windows that begin every `stride` steps and standardise each channel.

    Mean and standard deviation come from the training part only; the spec keeps
    them, so `to_units` gives the table's own units back.

    Args:
        table: One row per time step, oldest first, `(t, c)`.
        name: Name of the data set.
        channel_names: One name per column.
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        shares: How windows are divided.

    Returns:
        Windows `(n, c, window)` with their first steps.

    Raises:
        UserError: If the table is shorter than a window, or a value is not finite.
    """
    if window > len(table):
        raise UserError(
            f"{name}: data.window={window} is longer than the series of {len(table)} steps; "
            "use a shorter window"
        )
    if not table.isfinite().all():
        raise UserError(f"{name}: the table holds missing or infinite values; fill or drop them")
    found = cut([len(table)], window=window, stride=stride, shares=shares)
    mean, std = moments(table[: found.trained[0]])
    spec = DataSpec(
        name=name,
        modality="series",
        channels=table.shape[1],
        spatial=(window,),
        channel_names=channel_names,
        scale=tuple(std.tolist()),
        offset=tuple(mean.tolist()),
    )
    windows = table.unfold(0, window, stride)
    return Samples(spec.from_units(windows).contiguous(), None, spec, found.start)


def moments(steps: Float[Tensor, "t c"]) -> tuple[Float[Tensor, " c"], Float[Tensor, " c"]]:
    """Mean and standard deviation of each channel, `(c,)`; 1 where a channel is constant."""
    steps = steps.double()
    mean, std = steps.mean(dim=0), steps.std(dim=0, unbiased=False)
    # A channel that is constant up to float32 rounding keeps its scale: no noise is blown up.
    return mean, torch.where(std > 1e-6 * mean.abs(), std, torch.ones_like(std))
