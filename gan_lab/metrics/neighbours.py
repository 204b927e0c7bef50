"""Exact nearest neighbours in blocks: a quick search, then true distances for what it found."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.square_table import (
    Candidates,
    SquareTable,
    blocks_of,
    search,
    search_within,
)

PAIRS = 4096


@dataclass(frozen=True)
class Neighbours:
    """The k nearest references of n queries, nearest first.

    Attributes:
        distance: Euclidean distances in float64, `(n, k)`.
        index: Rows of the references, `(n, k)`.
    """

    distance: Float[Tensor, "n k"]
    index: Int[Tensor, "n k"]


def nearest(
    queries: Float[Tensor, "n d"],
    references: Float[Tensor, "m d"],
    *,
    k: int = 1,
    skip: Int[Tensor, " n"] | None = None,
    block: int = 1024,
) -> Neighbours:
    r"""The k references with the smallest $\|q - r\|_2$ for every query.

    A matrix product in the precision of the data finds candidates. Its rounding error stays below
    $(8 \sqrt d + 8)\,\epsilon\,(\|q\|^2 + \|r\|^2)$ after centring; a query whose candidates could
    miss one within that bound is searched again in float64. The distances that come back are those
    of the differences themselves, summed in float64, so that a copy is at distance 0. Memory beside
    the data is `block` times m, not n times m.

    Args:
        queries: `(n, d)`.
        references: `(m, d)`.
        k: Neighbours per query.
        skip: One reference per query that does not count, `(n,)`; `torch.arange(n)` leaves out
            the query itself when both sets are the same.
        block: Queries at a time.

    Raises:
        UserError: If there are fewer than k references, or no queries, or a value is not finite.

    Source of the bound: Higham & Mary, "A new approach to probabilistic rounding error analysis",
    2019, theorem 3.1.

    >>> found = nearest(torch.tensor([[0.0], [9.0]]), torch.tensor([[1.0], [7.0], [3.0]]), k=2)
    >>> found.distance.tolist(), found.index.tolist()
    ([[1.0, 3.0], [2.0, 6.0]], [[0, 2], [1, 2]])
    """
    available = len(references) - (skip is not None)
    if not 1 <= k <= available or len(queries) == 0:
        raise UserError(
            f"nearest neighbours: asked for {k} of {available} references for {len(queries)} "
            "queries; give more rows or a smaller k"
        )
    _check_finite(queries, references)
    width = min(k + 1, available)
    candidates = search(queries, SquareTable.of(references, references.dtype), width, skip, block)
    return _refine(queries, references, candidates, k, skip, block)


def radii(x: Float[Tensor, "n d"], k: int, *, block: int = 1024) -> Float[Tensor, " n"]:
    """Distance of every row to its k-th nearest other row, `(n,)`, as `nearest` finds it.

    Each pair is multiplied once.

    Raises:
        UserError: If there are no more than k rows, or a value is not finite.

    >>> radii(torch.tensor([[0.0], [1.0], [5.0]]), k=1).tolist()
    [1.0, 1.0, 4.0]
    """
    if not 1 <= k < len(x):
        raise UserError(
            f"radii: asked for neighbour {k} of {len(x) - 1} other rows; give more rows"
        )
    _check_finite(x)
    candidates = search_within(SquareTable.of(x, x.dtype), min(k + 1, len(x) - 1), block)
    itself = torch.arange(len(x), device=x.device)
    return _refine(x, x, candidates, k, itself, block).distance[:, -1]


def closer_blocks(
    x: Float[Tensor, "n d"],
    y: Float[Tensor, "m d"],
    *,
    x_radius: Float[Tensor, " n"],
    y_radius: Float[Tensor, " m"],
    block: int = 1024,
) -> Iterator[tuple[Bool[Tensor, "b m"], Bool[Tensor, "b m"]]]:
    r"""Which pairs are closer than the radius of either side, for `block` rows of x at a time.

    Each item holds $\|x_i - y_j\| < r(x_i)$ and $\|x_i - y_j\| < r(y_j)$, both `(b, m)`, strictly.
    Pairs within the rounding error of a radius are decided by the difference itself.
    """
    _check_finite(x, y)
    quick = SquareTable.of(y, y.dtype)
    for rows in blocks_of(len(x), block):
        limits = x_radius[rows, None], y_radius[None, :]
        squares, error = quick.squares(x[rows])
        in_x, in_y = (_closer(x[rows], quick, squares, error, limit) for limit in limits)
        yield in_x, in_y


def _refine(
    queries: Tensor,
    references: Tensor,
    candidates: Candidates,
    k: int,
    skip: Tensor | None,
    block: int,
) -> Neighbours:
    """True distances of the first k candidates; a new search where another could be nearer."""
    columns = [_distances(queries, references, candidates.index[:, j], block) for j in range(k)]
    distance, order = torch.stack(columns, dim=1).sort(dim=1, stable=True)
    index = candidates.index[:, :k].gather(1, order)
    first_left_out = candidates.square[:, k : k + 1]
    unsure = first_left_out < candidates.square[:, k - 1 : k] + 2 * candidates.error
    rows = unsure.any(dim=1).nonzero()[:, 0]
    if len(rows) == 0 or candidates.square.dtype == torch.float64:
        return Neighbours(distance, index)
    some, left_out = queries[rows], None if skip is None else skip[rows]
    precise = SquareTable.of(references, torch.float64)
    width = candidates.square.shape[1]
    again = search(some, precise, width, left_out, block)
    refined = _refine(some, references, again, k, left_out, block)
    return Neighbours(
        distance.index_copy(0, rows, refined.distance), index.index_copy(0, rows, refined.index)
    )


def _closer(
    queries: Tensor, table: SquareTable, squares: Tensor, error: Tensor, limit: Tensor
) -> Tensor:
    gap = squares - limit.square().to(squares.dtype)
    closer = gap < -error
    unsure = (gap.abs_() <= error).nonzero()
    if table.rows.dtype != torch.float64 and len(unsure) > gap.numel() // 100:
        precise = SquareTable.of(table.exact, torch.float64)
        return _closer(queries, precise, *precise.squares(queries), limit)
    everywhere = limit.expand_as(squares)
    for i, j in (pairs.T for pairs in torch.split(unsure, PAIRS)):
        closer[i, j] = _true_distance(queries[i], table.exact[j]) < everywhere[i, j]
    return closer


def _distances(x: Tensor, y: Tensor, index: Tensor, block: int) -> Tensor:
    rows = blocks_of(len(x), block)
    return torch.cat([_true_distance(x[part], y.index_select(0, index[part])) for part in rows])


def _true_distance(x: Tensor, y: Tensor) -> Tensor:
    # A difference has a relative error of one rounding in any precision; its sum needs float64.
    distance: Tensor = torch.linalg.vector_norm(x - y, dim=1, dtype=torch.float64)
    return distance


def _check_finite(*sets: Tensor) -> None:
    # Extremes are NaN or infinite as soon as one value is; isfinite would need a copy of the data.
    if not all(bool(torch.stack(torch.aminmax(x)).isfinite().all()) for x in sets):
        raise UserError("distances: a value is NaN or infinite; drop that row or clip the features")
