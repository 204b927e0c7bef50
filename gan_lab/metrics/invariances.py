"""Neighbours up to a view: a shifted, flipped or delayed training sample is still that sample."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.neighbours import Neighbours, nearest

View = Callable[[Float[Tensor, "n c *s"]], Float[Tensor, "n c *s"]]


def shifted(x: Float[Tensor, "n c *s"], *, offsets: tuple[int, ...]) -> Float[Tensor, "n c *s"]:
    """Move samples along their spatial axes; the border repeats.

    Args:
        x: `(n, c, *s)`.
        offsets: Steps along each spatial axis, as many as there are.

    >>> shifted(torch.tensor([[[1.0, 2.0, 3.0]]]), offsets=(1,)).tolist()
    [[[1.0, 1.0, 2.0]]]
    """
    for axis, offset in enumerate(offsets, start=2):
        position = torch.arange(x.shape[axis], device=x.device) - offset
        x = x.index_select(axis, position.clamp(0, x.shape[axis] - 1))
    return x


def shifts(steps: int, axes: int) -> tuple[View, ...]:
    """Views of all shifts by up to `steps` along each of `axes` axes, without the one that stays.

    Two axes for images (pixel shifts), one for series (time lags).

    >>> len(shifts(1, axes=2))
    8
    """
    moves = product(range(-steps, steps + 1), repeat=axes)
    return tuple(partial(shifted, offsets=move) for move in moves if any(move))


def flipped(x: Float[Tensor, "n c *s"]) -> Float[Tensor, "n c *s"]:
    """Mirror the last axis: left and right of an image."""
    return x.flip(-1)


def unit_amplitude(x: Float[Tensor, "n c *s"]) -> Float[Tensor, "n c *s"]:
    """Each channel of each sample with mean 0 and standard deviation 1; constant ones become 0.

    Apply it to all sets before a search: what is left is the shape, without level and amplitude.
    """
    flat = x.flatten(2)
    centred = flat - flat.mean(dim=2, keepdim=True)
    spread = centred.square().mean(dim=2, keepdim=True).sqrt()
    return torch.where(spread > 0, centred / spread.clamp(min=1e-12), 0.0).reshape(x.shape)


def nearest_over_views(
    queries: Float[Tensor, "n c *s"],
    references: Float[Tensor, "m c *s"],
    *,
    views: Sequence[View] = (),
    features: Callable[[Tensor], Tensor] | None = None,
    skip: Int[Tensor, " n"] | None = None,
) -> Neighbours:
    """The nearest reference of every query or of any view of it.

    Args:
        queries: `(n, c, *s)`.
        references: `(m, c, *s)`.
        views: Changes of a query that leave it the same sample; none of them is tried by default.
        features: What distances are taken of; the flattened samples by default.
        skip: One reference per query that does not count, `(n,)`.

    Raises:
        UserError: If there is nothing to compare.
    """
    features = features or Flatten()
    table = features(references)
    best = nearest(features(queries), table, skip=skip)
    for view in views:
        found = nearest(features(view(queries)), table, skip=skip)
        closer = found.distance < best.distance
        best = Neighbours(
            torch.where(closer, found.distance, best.distance),
            torch.where(closer, found.index, best.index),
        )
    return best
