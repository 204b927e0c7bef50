"""The quick half of a neighbour search: squared distances by a matrix product, and their error."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class SquareTable:
    """References, prepared for squared distances by one matrix product."""

    exact: Tensor
    centre: Tensor
    rows: Tensor
    square: Tensor

    @classmethod
    def of(cls, exact: Float[Tensor, "m d"], dtype: torch.dtype) -> "SquareTable":
        """Centre the references and compute their norms in `dtype`."""
        centre = exact.to(dtype).mean(dim=0)
        rows = exact.to(dtype) - centre
        return cls(exact, centre, rows, rows.square().sum(dim=1))

    def squares(self, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Squared distances `(b, m)` and a bound of their rounding error `(b, 1)`."""
        rows = queries.to(self.rows.dtype) - self.centre
        square = rows.square().sum(dim=1, keepdim=True)
        distances = torch.addmm(self.square[None, :], rows, self.rows.T, alpha=-2.0).add_(square)
        return distances, self.error(square)

    def later_squares(self, start: int, end: int) -> Tensor:
        """Squared distances of rows start ... end to these and all later rows, `(b, m - start)`."""
        later = torch.addmm(
            self.square[None, start:], self.rows[start:end], self.rows[start:].T, alpha=-2.0
        )
        return later.add_(self.square[start:end, None])

    def error(self, square: Tensor) -> Tensor:
        """Bound of the rounding error of squared distances to rows of squared norm `square`."""
        return _rounding(self.rows) * (square + self.square.max())


@dataclass(frozen=True)
class Candidates:
    """Nearest references by the quick search: squares, rows `(n, w)` and error bound `(n, 1)`."""

    square: Tensor
    index: Tensor
    error: Tensor

    def keep(self, rows: slice, squares: Tensor, offset: int) -> None:
        """Merge squared distances `(b, m)` of some rows to the references from `offset` on."""
        width = self.square.shape[1]
        new, where = squares.topk(min(width, squares.shape[1]), largest=False)
        self.square[rows], order = torch.cat([self.square[rows], new], 1).topk(width, largest=False)
        self.index[rows] = torch.cat([self.index[rows], where + offset], 1).gather(1, order)


def search(
    queries: Float[Tensor, "n d"],
    table: SquareTable,
    width: int,
    skip: Int[Tensor, " n"] | None,
    block: int,
) -> Candidates:
    """The `width` nearest references of every query, without the one in `skip`."""
    found, errors = [], []
    for rows in blocks_of(len(queries), block):
        squares, error = table.squares(queries[rows])
        if skip is not None:
            squares[torch.arange(len(squares), device=skip.device), skip[rows]] = torch.inf
        found.append(squares.topk(width, largest=False))
        errors.append(error)
    square, index = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Candidates(square, index, torch.cat(errors))


def search_within(table: SquareTable, width: int, block: int) -> Candidates:
    """The `width` nearest other rows of every row of the table; each pair is multiplied once."""
    n = len(table.rows)
    square = table.rows.new_full((n, width), torch.inf)
    index = torch.zeros(n, width, dtype=torch.long, device=square.device)
    candidates = Candidates(square, index, table.error(table.square[:, None]))
    for start in range(0, n, block):
        end = min(start + block, n)
        squares = table.later_squares(start, end)
        squares[:, : end - start].fill_diagonal_(torch.inf)
        candidates.keep(slice(start, end), squares, start)
        if end < n:
            candidates.keep(slice(end, n), squares[:, end - start :].T.contiguous(), start)
    return candidates


def _rounding(rows: Tensor) -> float:
    """Relative error of a sum of d products: at most d roundings, in practice a random walk."""
    d = rows.shape[1]
    return float((min(d, 8 * d**0.5) + 8) * torch.finfo(rows.dtype).eps)


def blocks_of(n: int, block: int) -> Iterator[slice]:
    """Slices of `block` rows that cover n."""
    return (slice(start, start + block) for start in range(0, n, block))
