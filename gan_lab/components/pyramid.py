"""Sizes and widths of the stages between a coarse map and the data."""

from gan_lab.errors import UserError
from gan_lab.spec import DataSpec


def pyramid(size: tuple[int, ...], smallest: int = 4) -> list[tuple[int, ...]]:
    """Sizes from the coarsest to `size`, each the half of the next, rounded up.

    Halving stops before the shortest axis falls below `smallest`.

    >>> pyramid((28, 28))
    [(7, 7), (14, 14), (28, 28)]
    >>> pyramid((17, 23))
    [(5, 6), (9, 12), (17, 23)]
    """
    sizes = [size]
    while min(sizes[0]) >= 2 * smallest:
        sizes.insert(0, tuple((n + 1) // 2 for n in sizes[0]))
    return sizes


def stage_widths(width: int, stages: int) -> list[int]:
    """Channels from the finest stage to the coarsest: doubling, up to `8 * width`.

    >>> stage_widths(32, 5)
    [32, 64, 128, 256, 256]
    """
    return [width * min(2**stage, 8) for stage in range(stages)]


def check_axes(spec: DataSpec, smallest: int = 2) -> None:
    """Accept data that a convolution can run over and halve.

    Raises:
        UserError: If they are points, or an axis is shorter than `smallest`.
    """
    if not spec.spatial:
        raise UserError(
            f"{spec.name}: points have no axes to convolve over; choose networks=mlp for them"
        )
    if min(spec.spatial) < smallest:
        raise UserError(
            f"{spec.name}: size {spec.spatial} is too small for convolutions, which need "
            f"{smallest} or more; choose networks=mlp"
        )
