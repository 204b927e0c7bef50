"""The maps of the page: latents in their plane of most change, and samples among the data."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.explorer import LatentExplorer, Shown
from gan_lab.explore.maps import Map, by_components, by_coordinates, by_directions
from gan_lab.explore.names import direction_words
from gan_lab.explore.view import pack
from gan_lab.page import limits

Kind = Literal["latents", "data"]
ROWS = 600
BATCH = 100


@dataclass(frozen=True, eq=False)
class Chart:
    """One map.

    Attributes:
        title: What it shows.
        groups: Name, colour word and places of each cloud, drawn in this order.
        axes: Names of the axes.
    """

    title: str
    groups: tuple[tuple[str, str, Float[Tensor, "_ 2"]], ...]
    axes: tuple[str, str]


class Atlas:
    """Both maps of one explorer.

    Attributes:
        latents: Draws of the prior on a plane.
        data: Samples on the plane in which training rows differ most; None without data.
    """

    def __init__(self, explorer: LatentExplorer, seed: int = 0) -> None:
        """Draw latents, generate, and find the planes.

        Args:
            explorer: The latent space.
            seed: Seed of the draws.
        """
        self._explorer = explorer
        generator = explorer.generator
        self._z = generator.latents(limits.CROWD, seed)
        self._label = generator.labels(limits.CROWD, seed)
        self._x = torch.cat(
            [
                explorer.generator.generate(z, label).cpu()
                for z, label in _batches(self._z, self._label)
            ]
        )
        self.latents = _plane_of_latents(explorer, self._z)
        self.data = self._plane_of_data()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The maps that there are."""
        return ("latents",) if self.data is None else ("latents", "data")

    def chart(self, kind: Kind) -> Chart:
        """What to draw."""
        if kind == "latents" or self.data is None:
            share = self.latents.explained
            names = _with_share(self.latents.names, share)
            return Chart("Draws of the prior", (("draws", "muted", self.latents.xy),), names)
        assert self._explorer.real is not None
        real = self._explorer.real
        groups = (
            ("training rows", "real", self._place(real.train.x)),
            ("samples", "fake", self.data.xy),
        )
        return Chart(
            "Samples among the data", groups, _with_share(self.data.names, self.data.explained)
        )

    def place(self, kind: Kind, shown: Shown) -> tuple[float, float]:
        """Where the current view lies on a map."""
        if kind == "latents" or self.data is None:
            plane, row = self.latents.plane, shown.z
        else:
            plane, row = self.data.plane, _units(self._explorer, shown.x)
        assert plane is not None
        x, y = plane.place(row)[0].tolist()
        return x, y

    def at(self, kind: Kind, x: float, y: float, z: Float[Tensor, "1 d"]) -> dict[str, str]:
        """The latent at a place, and its label where the place decides it.

        On the map of latents the coordinates across the plane stay those of `z`; on the map of
        the data the nearest sample is taken.

        Raises:
            UserError: If the place is not finite.
        """
        where = torch.tensor([[x, y]])
        if not where.isfinite().all():
            raise UserError("the map was clicked at no place; click inside its frame")
        if kind == "latents" or self.data is None:
            back = self._explorer.prior.project(self.latents.back(where, z))
            return {"z": pack(back)}
        nearest = int(self.data.nearest(where)[0, 0])
        found = {"z": pack(self._z[nearest : nearest + 1])}
        return found | self._label_of(nearest)

    def _label_of(self, row: int) -> dict[str, str]:
        if self._label is None:
            return {}
        if self._explorer.generator.classes:
            return {"label": self._explorer.generator.classes[int(self._label[row])]}
        return {"label": ",".join(f"{v:.6g}" for v in self._label[row].tolist())}

    def _plane_of_data(self) -> Map | None:
        real = self._explorer.real
        if real is None:
            return None
        rows = _units(self._explorer, self._x)
        if self._explorer.spec.modality == "points":
            first, second, *_ = (*self._explorer.spec.channel_names, "", "")
            return by_coordinates(rows, (first, second))
        train = _units(self._explorer, _spread(real.train.x, 4 * ROWS))
        return by_components(rows, train)

    def _place(self, x: Tensor) -> Float[Tensor, "n 2"]:
        assert self.data is not None
        assert self.data.plane is not None
        return self.data.plane.place(_units(self._explorer, _spread(x, ROWS)))


def _plane_of_latents(explorer: LatentExplorer, z: Float[Tensor, "n d"]) -> Map:
    if explorer.prior.dim <= 2:
        return by_coordinates(z)
    leading = [d for d in explorer.directions if d.method in ("jacobian", "ganspace", "sefa")][:2]
    if len(leading) < 2:
        return by_components(z)
    shares = (leading[0].explained or 0.0, leading[1].explained or 0.0)
    found = by_directions(
        z,
        torch.stack([d.vector for d in leading]),
        shares,
        (direction_words(leading[0].name), direction_words(leading[1].name)),
    )
    centred = (
        replace(found.plane, centre=torch.zeros_like(found.plane.centre)) if found.plane else None
    )
    return replace(found, plane=centred, xy=centred.place(z)) if centred else found


def _units(explorer: LatentExplorer, x: Float[Tensor, "n c *s"]) -> Float[Tensor, "n p"]:
    """Flat rows; points in their own units, all else in model range."""
    return (explorer.spec.to_window_units(x) if x.ndim == 2 else x).float().flatten(1)


def _spread(x: Tensor, most: int) -> Tensor:
    return x[:: max(1, -(-len(x) // most))]


def _with_share(names: tuple[str, str], shares: tuple[float, float] | None) -> tuple[str, str]:
    if shares is None:
        return names
    first, second = (
        f"{name} ({share:.0%})" if share else name
        for name, share in zip(names, shares, strict=True)
    )
    return first, second


def _batches(z: Tensor, label: Tensor | None) -> list[tuple[Tensor, Tensor | None]]:
    starts = range(0, len(z), BATCH)
    return [(z[k : k + BATCH], None if label is None else label[k : k + BATCH]) for k in starts]
