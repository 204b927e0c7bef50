"""Walks: latents in rows and columns, ready to be generated and looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.route import Route, even
from gan_lab.latent.marks import Marks, mark
from gan_lab.types import Prior

Move = Callable[[Float[Tensor, "b d"]], Float[Tensor, "b s d"]]
"""Each of b latents moved to s places, such as along a coordinate or a direction."""


@dataclass(frozen=True)
class Walk:
    """Latents in rows of equal length.

    Attributes:
        name: What the columns do, in a few words.
        z: Latents, `(r, s, d)`.
        positions: Where along its row each latent stands, `(r, s)`: t, the truncation, a value.
        marks: Where a row jumps or leaves the support.
        label: Class of each latent, `(r, s)`; None: the walk says nothing about labels.
        rows: One text per row; may be empty.
        columns: One text per column; may be empty.
        closed: Whether each row ends where it began.
    """

    name: str
    z: Float[Tensor, "r s d"]
    positions: Float[Tensor, "r s"]
    marks: Marks
    label: Int[Tensor, "r s"] | None = None
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    closed: bool = False


def along(route: Route, t: Float[Tensor, "r s"], name: str = "t") -> Walk:
    """Walk a route, each row at its own positions `(r, s)` in [0, 1]."""
    z = route(t)
    same = bool((t == t[:1]).all())
    columns = tuple(f"{value:.2g}" for value in t[0].tolist()) if same else ()
    return Walk(name, z, t.float(), mark(route.prior, z), columns=columns, closed=route.closed)


def between(
    prior: Prior, start: Float[Tensor, "r d"], end: Float[Tensor, "r d"], steps: int
) -> Walk:
    """From `start` to `end` along the prior's own path, evenly in t, both ends included.

    Raises:
        UserError: If there are fewer than 2 steps.
    """
    return along(Route(prior, torch.stack([start, end], 1)), even(len(start), steps))


def loop(prior: Prior, stops: Float[Tensor, "r n d"], steps: int) -> Walk:
    """Through all stops and back to the first; the last position repeats the first bit for bit.

    Raises:
        UserError: If there are fewer than 2 stops or steps.
    """
    return along(Route(prior, stops, closed=True), even(len(stops), steps))


def plane(prior: Prior, corners: Float[Tensor, "4 d"], rows: int, columns: int) -> Walk:
    """A grid that the prior spans between four corners, row by row.

    Corners are top left, top right, bottom left, bottom right. The sides follow the prior's paths,
    and so do the rows between them. Source: White 2016, arXiv 1609.04468, fig. 3.

    Raises:
        UserError: If there are fewer than 2 rows or columns.
    """
    sides = between(prior, corners[:2], corners[2:], rows).z
    walk = between(prior, sides[0], sides[1], columns)
    names = tuple(f"{t:.2g}" for t in torch.linspace(0, 1, rows).tolist())
    return Walk("plane", walk.z, walk.positions, walk.marks, rows=names, columns=walk.columns)


def volume(
    prior: Prior, corners: Float[Tensor, "8 d"], slices: int, rows: int, columns: int
) -> tuple[Walk, ...]:
    """Planes one behind the other between two sets of four corners, each as in `plane`.

    Raises:
        UserError: If there are fewer than 2 slices, rows or columns.
    """
    edges = between(prior, corners[:4], corners[4:], slices).z
    return tuple(plane(prior, edges[:, k], rows, columns) for k in range(slices))


def lattice(prior: Prior, z: Float[Tensor, "b d"], moves: Sequence[Move]) -> Walk:
    """Latents moved along several directions at once; the last move runs along the columns.

    With one latent and two moves the walk is a grid, with three it is as many grids, one below
    the other, as the first move has places.

    Raises:
        UserError: If there is no move.
    """
    if not moves:
        raise UserError("a lattice needs at least one direction to move along")
    *down, across = moves
    for move in down:
        z = move(z).flatten(0, 1)
    path = across(z)
    positions = torch.arange(path.shape[1], dtype=torch.float32).expand(path.shape[:2])
    return Walk("lattice", path, positions, mark(prior, path))
