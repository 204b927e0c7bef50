"""What the data look like: the one description that networks, pictures and exports read."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError

Modality = Literal["points", "images", "series"]


@dataclass(frozen=True)
class Labels:
    """What a label is: one of `classes`, `(b,)`, or `attributes` numbers, `(b, k)`; or nothing.

    Attributes:
        classes: Number of classes.
        attributes: Number of continuous attributes, about unit variance each.
    """

    classes: int = 0
    attributes: int = 0

    def __bool__(self) -> bool:
        """Whether there is a label."""
        return self.classes > 0 or self.attributes > 0

    def __str__(self) -> str:
        """In words, as messages say it."""
        return f"{self.classes} classes" if self.classes else f"{self.attributes} attributes"


UNLABELLED = Labels()


@dataclass(frozen=True)
class DataSpec:
    r"""Shape, units and names of a data set.

    Networks see *model range* (about [-1, 1] or unit variance); people see *original units*:

    $$ y_c = \mathrm{clip}(x_c \cdot \mathrm{scale}_c + \mathrm{offset}_c, \mathrm{bounds}) $$

    Attributes:
        name: Name of the data set.
        modality: `points` have no spatial axes, `series` one (time), `images` two (height, width).
        channels: Number of channels c; for points, their dimension.
        spatial: Sizes of the spatial axes: `()`, `(t,)` or `(h, w)`.
        classes: Names of the labels 0, 1, ...; empty when the data have none.
        attributes: Names of the numbers that a continuous label holds; excludes classes.
        channel_names: One name per channel; empty when they have none.
        scale: One factor for all channels, or one each.
        offset: One shift for all channels, or one each.
        bounds: Range of the original units, or None when it has none.
        integer: Whether original units are whole numbers (`uint8` pixels).
    """

    name: str
    modality: Modality
    channels: int
    spatial: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    channel_names: tuple[str, ...] = ()
    scale: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)
    bounds: tuple[float, float] | None = None
    integer: bool = False

    def __post_init__(self) -> None:
        """Check that the parts agree.

        Raises:
            UserError: If axes, names or scales do not fit the modality and the channels.
        """
        axes = {"points": 0, "series": 1, "images": 2}
        if self.modality not in axes:
            raise UserError(f"modality is {self.modality!r}; expected one of {', '.join(axes)}")
        if len(self.spatial) != axes[self.modality] or min(self.shape) < 1:
            raise UserError(
                f"{self.name}: shape {self.shape} does not fit {self.modality}; expected "
                f"{axes[self.modality]} spatial axes, each of size 1 or more"
            )
        if self.classes and self.attributes:
            raise UserError(f"{self.name}: labels are classes or attributes, not both")
        if self.channel_names and len(self.channel_names) != self.channels:
            raise UserError(
                f"{self.name}: {len(self.channel_names)} channel names for {self.channels} channels"
            )
        if not {len(self.scale), len(self.offset)} <= {1, self.channels}:
            raise UserError(f"{self.name}: scale and offset need one value or one per channel")
        if not all(math.isfinite(s) and s > 0 for s in self.scale):
            raise UserError(f"{self.name}: scale must be positive and finite, not {self.scale}")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample, channels first: `(c, *spatial)`."""
        return (self.channels, *self.spatial)

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 when the data have no labels."""
        return len(self.classes)

    @property
    def labels(self) -> Labels:
        """What a label is."""
        return Labels(len(self.classes), len(self.attributes))

    def to_units(self, x: Float[Tensor, "b c *s"]) -> Tensor:
        """Model range to original units; `uint8` where the data are integers, shape `(b c *s)`."""
        y = x.float() * self._column(self.scale, x) + self._column(self.offset, x)
        if self.bounds is not None:
            y = y.clamp(*self.bounds)
        return y.round().to(torch.uint8) if self.integer else y

    def from_units(self, y: Tensor) -> Float[Tensor, "b c *s"]:
        """Original units to model range, shape `(b c *s)`; the inverse of `to_units`."""
        return (y.float() - self._column(self.offset, y)) / self._column(self.scale, y)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary of JSON values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "DataSpec":
        """Rebuild from `to_dict`.

        Raises:
            UserError: If a key is missing or unknown.
        """
        arguments: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        try:
            return cls(**arguments)
        except TypeError as error:
            raise UserError(f"not a data spec: {error}") from error

    def _column(self, values: tuple[float, ...], like: Tensor) -> Tensor:
        column = torch.tensor(values, dtype=torch.float32, device=like.device)
        return column.view(1, -1, *([1] * (like.ndim - 2)))
