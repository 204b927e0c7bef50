"""Windows cut from a table of time steps, in units that networks can learn."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.base import Samples
from gan_lab.data.split import chronological
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec


def windowed(
    table: Float[Tensor, "t c"],
    *,
    name: str,
    channel_names: tuple[str, ...],
    window: int,
    stride: int,
    held_out: float,
) -> Samples:
    """Cut windows that begin every `stride` steps and standardise each channel.

    Mean and standard deviation come from the steps before the held-out part only; the spec keeps
    them, so `to_units` gives the table's own units back.

    Args:
        table: One row per time step, oldest first, `(t, c)`.
        name: Name of the data set.
        channel_names: One name per column.
        window: Steps per window.
        stride: Steps between the beginnings of two windows.
        held_out: Share of the windows that is held out.

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
    start = torch.arange(0, len(table) - window + 1, stride)
    train, _ = chronological(start, window, held_out)
    mean, std = _train_moments(table, start[train], window)
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
    return Samples(spec.from_units(windows).contiguous(), None, spec, start)


def _train_moments(
    table: Float[Tensor, "t c"], start: Int[Tensor, " n"], window: int
) -> tuple[Float[Tensor, " c"], Float[Tensor, " c"]]:
    steps = table[: int(start.max()) + window].double()
    mean, std = steps.mean(dim=0), steps.std(dim=0, unbiased=False)
    # A channel that is constant up to float32 rounding keeps its scale: no noise is blown up.
    return mean, torch.where(std > 1e-6 * mean.abs(), std, torch.ones_like(std))
