"""Rows in two dimensions, and the way back from a place on the map to rows.

A row is whatever a map shows: a latent, or the features of a sample.
"""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError

Method = Literal["coordinates", "pca", "directions", "umap"]
LEAST = 3
UMAP_MISSING = (
    "method=umap needs the package umap-learn, which is not installed; "
    "pip install umap-learn, or use method=pca"
)


@dataclass(frozen=True, eq=False)
class Plane:
    """A flat piece of the space of rows.

    Attributes:
        centre: What lies at the origin of the map, `(d,)`.
        axes: Orthonormal directions, `(2, d)`; the second is 0 where rows have one number.
    """

    centre: Float[Tensor, " d"]
    axes: Float[Tensor, "2 d"]

    def place(self, rows: Float[Tensor, "n d"]) -> Float[Tensor, "n 2"]:
        """Coordinates of the feet of the rows on the plane, `(n, 2)`."""
        return (rows.double() - self.centre) @ self.axes.T

    def back(
        self, xy: Float[Tensor, "n 2"], base: Float[Tensor, "n d"] | None = None
    ) -> Float[Tensor, "n d"]:
        """Rows at these coordinates, `(n, d)`: on the plane, or beside it as far as `base` is.

        Args:
            xy: Coordinates.
            base: Rows whose part across the plane is kept; None: the plane itself.
        """
        rows = self.centre + xy.double() @ self.axes
        if base is None:
            return rows.float()
        across = base.double() - self.centre - self.place(base) @ self.axes
        return (rows + across).float()


@dataclass(frozen=True, eq=False)
class Map:
    """Rows with a place in two dimensions each.

    Attributes:
        method: How places were found.
        xy: Places, `(n, 2)`.
        rows: The rows, `(n, d)`.
        plane: Where the map is flat, its plane; None for a curved one.
        explained: Share of what the rows vary (of what the output changes, for `directions`)
            along each axis; None for a curved map.
        names: What the axes are.
    """

    method: Method
    xy: Float[Tensor, "n 2"]
    rows: Float[Tensor, "n d"]
    plane: Plane | None = None
    explained: tuple[float, float] | None = None
    names: tuple[str, str] = ("", "")

    def nearest(self, xy: Float[Tensor, "m 2"], k: int = 1) -> Int[Tensor, "m k"]:
        """The k rows whose places are nearest to each given one, nearest first, `(m, k)`."""
        distance = torch.cdist(xy.double(), self.xy.double())
        return distance.topk(min(k, len(self.xy)), dim=1, largest=False).indices

    def back(
        self, xy: Float[Tensor, "m 2"], base: Float[Tensor, "m d"] | None = None
    ) -> Float[Tensor, "m d"]:
        """Rows at the given places, `(m, d)`; a latent still has to pass the prior's `project`.

        A flat map is undone exactly on its plane; its other coordinates are those of `base`, or of
        the row that is nearest on the map, so that a latent stays as far out as latents are. Of a
        curved map the nearest row itself is given.
        """
        near = self.rows[self.nearest(xy)[:, 0]]
        if self.plane is None:
            return near
        return self.plane.back(xy, near if base is None else base)


def by_coordinates(rows: Float[Tensor, "n d"], names: tuple[str, str] = ("z1", "z2")) -> Map:
    """The first two coordinates themselves: right where there are no more than two."""
    d = rows.shape[1]
    axes = torch.zeros(2, d, dtype=torch.float64)
    axes[torch.arange(min(d, 2)), torch.arange(min(d, 2))] = 1.0
    plane = Plane(torch.zeros(d, dtype=torch.float64), axes)
    return Map("coordinates", plane.place(rows), rows, plane, _shares(rows, plane), names)


def by_components(rows: Float[Tensor, "n d"], fit: Float[Tensor, "m d"] | None = None) -> Map:
    """The plane in which rows differ most: their two leading principal components.

    Args:
        rows: What the map shows, `(n, d)`.
        fit: Rows that set the plane, `(m, d)`; None: the same. Training rows, for a map on which
            other sets are to be seen beside them.

    Raises:
        UserError: If fewer than 3 rows set the plane.
    """
    base = (rows if fit is None else fit).double()
    _check(base)
    centre = base.mean(0)
    _, vectors = torch.linalg.eigh((base - centre).T @ (base - centre))
    axes = torch.zeros(2, rows.shape[1], dtype=torch.float64)
    leading = vectors.flip(1)[:, :2].T
    axes[: len(leading)] = _with_sign(leading)
    plane = Plane(centre, axes)
    names = ("component 1", "component 2")
    return Map("pca", plane.place(rows), rows, plane, _shares(base, plane), names)


def by_directions(
    rows: Float[Tensor, "n d"],
    directions: Float[Tensor, "2 d"],
    explained: tuple[float, float] | None = None,
    names: tuple[str, str] = ("direction 1", "direction 2"),
) -> Map:
    """The plane through the centre of the rows that two given directions span."""
    _check(rows)
    axes = torch.linalg.qr(directions.double().T)[0].T
    # QR may turn an axis round.
    axes = axes * torch.sign((axes * directions.double()).sum(1, keepdim=True))
    plane = Plane(rows.double().mean(0), axes)
    return Map("directions", plane.place(rows), rows, plane, explained, names)


def by_umap(
    rows: Float[Tensor, "n d"], *, neighbours: int = 15, min_dist: float = 0.1, seed: int = 0
) -> Map:
    """A curved map that keeps neighbours together, and says little about distances.

    Args:
        rows: What the map shows, `(n, d)`.
        neighbours: Rows around each that are to stay together.
        min_dist: How close places may lie.
        seed: Seed of the layout.

    Raises:
        UserError: If umap-learn is not installed, or there are too few rows.

    Source: McInnes, Healy & Melville, "UMAP", 2018.
    """
    umap = require_umap()
    if len(rows) <= neighbours:
        raise UserError(f"method=umap: {len(rows)} rows; expected more than {neighbours}")
    layout = umap.UMAP(
        n_neighbors=neighbours, min_dist=min_dist, random_state=seed, n_jobs=1
    ).fit_transform(rows.numpy())
    xy = torch.from_numpy(layout).double()
    return Map("umap", xy, rows, names=("UMAP 1", "UMAP 2"))


def require_umap() -> ModuleType:
    """The package umap.

    Raises:
        UserError: If it is not installed.
    """
    try:
        return importlib.import_module("umap")
    except ImportError as error:
        raise UserError(UMAP_MISSING) from error


def _shares(rows: Float[Tensor, "n d"], plane: Plane) -> tuple[float, float]:
    total = float(rows.double().var(0, correction=0).sum())
    along = plane.place(rows).var(0, correction=0)
    return (float(along[0]) / total, float(along[1]) / total) if total > 0 else (0.0, 0.0)


def _with_sign(vectors: Float[Tensor, "k d"]) -> Float[Tensor, "k d"]:
    """Rows turned so that the entry of largest size is positive: a component has no sign."""
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    return torch.where(largest < 0, -vectors, vectors)


def _check(rows: Tensor) -> None:
    if len(rows) < LEAST:
        raise UserError(f"a map of {len(rows)} rows; expected {LEAST} or more")
