"""What the data look like: the one description that networks, pictures and exports read."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.calendar import Calendar
from gan_lab.errors import UserError
from gan_lab.transforms.transform import Fitted

Modality = Literal["points", "images", "series"]
_MOST_TRIED = 10_000_000


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

    Series may have a `transform` between the two: $y$ is then what its inverse makes of the
    shifted and scaled $x$. A transform that takes differences needs to know where a window
    begins; windows in original units then have `transform.lost` steps more, the known ones first.
    Pictures and metrics compare windows in *window units*, which need no beginning.

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
        transform: From original units to the ones that are scaled, for series; or None.
        anchor: Rows `(lost, c)` in original units from which generated series go on: the last
            ones of the training part. Empty: the first ones that the transform was fitted to.
        dtypes: Type of each column of a table, as numpy writes it; empty for other data.
        calendar: Dates of a table, or None.
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
    transform: Fitted | None = None
    anchor: tuple[tuple[float, ...], ...] = ()
    dtypes: tuple[str, ...] = ()
    calendar: Calendar | None = None

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
        if self.transform is not None and self.modality != "series":
            raise UserError(f"{self.name}: {self.modality} take no transform; series do")
        if any(len(row) != self.channels for row in self.anchor):
            raise UserError(f"{self.name}: anchor rows need {self.channels} numbers each")
        if self.anchor and len(self.anchor) != self.known_steps:
            raise UserError(
                f"{self.name}: {len(self.anchor)} anchor rows; expected {self.known_steps}"
            )

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

    @property
    def known_steps(self) -> int:
        """Steps at the beginning of a window in original units that are given, not generated."""
        return 0 if self.transform is None else self.transform.lost

    def to_units(
        self, x: Float[Tensor, "b c *s"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Tensor:
        """Model range to original units.

        Without a transform `(b c *s)`, `uint8` where the data are integers. With one
        `(b c known_steps+t)` in float64 on the CPU.

        Args:
            x: In model range, `(b, c, *s)`.
            start: The known steps, `(known_steps, c)` for all windows or `(b, known_steps, c)`;
                by default `anchor`. Not used where there are none.

        Raises:
            UserError: If `start` does not fit.
        """
        if self.transform is not None:
            return self._undone(x, self.transform, start)
        y = self._unscaled(x.float())
        if self.bounds is not None:
            y = y.clamp(*self.bounds)
        return y.round().to(torch.uint8) if self.integer else y

    def to_window_units(self, x: Float[Tensor, "b c *s"]) -> Tensor:
        """Model range to units in which windows can be compared, always `(b c *s)`.

        Original units where every step stands by itself; where the transform takes differences,
        its own units, such as log-returns.
        """
        return self._unscaled(x.float()) if self.known_steps else self.to_units(x)

    def from_units(self, y: Tensor) -> Float[Tensor, "b c *s"]:
        """Original units to model range, the inverse of `to_units`; known steps go away.

        Raises:
            UserError: If a value lies outside the domain of the transform.
        """
        z = y.float() if self.transform is None else self.transform.forward(y.double().mT).mT
        return ((z - self._column(self.offset, z)) / self._column(self.scale, z)).float()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary of JSON values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["transform"] = None if self.transform is None else self.transform.to_dict()
        values["calendar"] = None if self.calendar is None else asdict(self.calendar)
        values["anchor"] = [list(row) for row in self.anchor]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "DataSpec":
        """Rebuild from `to_dict`.

        Raises:
            UserError: If a key is missing or unknown.
        """
        if not isinstance(values, Mapping):
            raise UserError("not a data spec: expected keys and values")
        arguments: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        _require_kinds(arguments)
        try:
            if arguments.get("transform") is not None:
                arguments["transform"] = Fitted.from_dict(arguments["transform"])
            if arguments.get("calendar") is not None:
                arguments["calendar"] = _calendar(arguments["calendar"])
            arguments["anchor"] = tuple(map(tuple, arguments.get("anchor", ())))
            spec = cls(**arguments)
        except TypeError as error:
            raise UserError(f"not a data spec: {error}") from error
        _require_inverse(spec)
        return spec

    def _undone(
        self,
        x: Float[Tensor, "b c t"],
        transform: Fitted,
        start: Float[Tensor, "*b k c"] | None,
    ) -> Float[Tensor, "b c u"]:
        y = self._unscaled(x.cpu().double())
        if start is None and self.anchor:
            start = torch.tensor(self.anchor, dtype=torch.float64)
        if start is not None:
            start = start.cpu().double().expand(len(x), -1, -1)
        units = transform.inverse(y.mT, start if transform.lost else None).mT
        return units if self.bounds is None else units.clamp(*self.bounds)

    def _unscaled(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b c *s"]:
        return x * self._column(self.scale, x) + self._column(self.offset, x)

    def _column(self, values: tuple[float, ...], like: Tensor) -> Tensor:
        column = torch.tensor(values, dtype=like.dtype, device=like.device)
        return column.view(1, -1, *([1] * (like.ndim - 2)))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_ITEMS: dict[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(("classes", "attributes", "channel_names", "dtypes"), (_is_text, "texts")),
    **dict.fromkeys(("scale", "offset", "bounds"), (_is_number, "finite numbers")),
    "spatial": (_is_whole, "whole numbers"),
}
_SINGLE: dict[str, tuple[Callable[[object], bool], str]] = {
    "name": (_is_text, "a text"),
    "modality": (_is_text, "a text"),
    "channels": (_is_whole, "a whole number"),
    "integer": (lambda value: isinstance(value, bool), "true or false"),
}


def _require_kinds(values: Mapping[str, Any]) -> None:
    """Check the values of a file, which may hold anything.

    Raises:
        UserError: Names the first key whose value is of another kind.
    """
    for key, value in values.items():
        if key in _SINGLE and not _SINGLE[key][0](value):
            raise UserError(f"{key} is {str(value)[:60]}; expected {_SINGLE[key][1]}")
        if key not in _ITEMS or (key == "bounds" and value is None):
            continue
        if not isinstance(value, tuple) or not all(_ITEMS[key][0](item) for item in value):
            raise UserError(f"{key} is {str(value)[:60]}; expected a list of {_ITEMS[key][1]}")
    if len(values.get("bounds") or (0, 0)) != 2:
        raise UserError("bounds need two numbers")
    rows = values.get("anchor", ())
    if not isinstance(rows, tuple) or not all(
        isinstance(row, list | tuple) and all(map(_is_number, row)) for row in rows
    ):
        raise UserError("anchor must hold rows of finite numbers")


def _calendar(values: Mapping[str, Any]) -> Calendar:
    calendar = Calendar(**values)
    if not all(map(_is_text, (calendar.name, calendar.last, calendar.step))):
        raise UserError("calendar must hold texts")
    if calendar.last:
        try:
            datetime.fromisoformat(calendar.last)
        except ValueError as error:
            raise UserError(f"calendar ends at {calendar.last[:60]!r}; expected a date") from error
    return calendar


def _require_inverse(spec: DataSpec) -> None:
    """Try the transform of a file on zeros: what does not fit shows here, not after training."""
    if spec.transform is None or math.prod(spec.shape) > _MOST_TRIED:
        return
    try:
        spec.to_units(torch.zeros(1, *spec.shape))
    except (TypeError, ValueError, RuntimeError, LookupError, ArithmeticError) as error:
        raise UserError(f"the transform does not fit: {' '.join(str(error).split())}") from error
