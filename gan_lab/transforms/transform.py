"""What every transform of a table offers, before and after it is fitted."""

import importlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError

_PACKAGE = "gan_lab.transforms"


class Transform(ABC):
    """A change of units that is declared but has seen no data."""

    @abstractmethod
    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> "Fitted":
        """Learn what the transform needs from training rows.

        Args:
            x: One row per time step, oldest first, `(t, c)`.
            names: Names of the columns, for messages.
            series: Rows of each series, when `x` holds several, one below the other.

        Raises:
            UserError: If the rows do not fit.
        """


@dataclass(frozen=True)
class Fitted(ABC):
    """A change of units with its inverse; frozen, and made of plain numbers.

    Tables and windows have time on the axis before the last and channels on the last. Results are
    float64.
    """

    @property
    @abstractmethod
    def lost(self) -> int:
        """Rows that `forward` drops from the beginning and `inverse` puts back."""

    @property
    @abstractmethod
    def scaled(self) -> bool:
        """Whether results are in a range that networks can learn: nothing is left to scale."""

    @abstractmethod
    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b u c"]:
        """Own units `(*b, t, c)` to transformed ones `(*b, t - lost, c)`.

        Raises:
            UserError: If a value lies outside the domain, or the channels do not fit.
        """

    @abstractmethod
    def inverse(
        self, y: Float[Tensor, "*b u c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Transformed units `(*b, u, c)` back to own ones `(*b, u + lost, c)`.

        Args:
            y: What `forward` gave, or a network made.
            start: The first `lost` rows in own units, for each window; by default those of the
                rows that the transform was fitted to. Not used where no row is lost.

        Raises:
            UserError: If the channels or `start` do not fit.
        """

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary of JSON values."""
        kind = type(self)
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"_target_": f"{kind.__module__}.{kind.__qualname__}", **values}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Fitted":
        """Rebuild from `to_dict`; only transforms of this package are built.

        Raises:
            UserError: If the dictionary names another class, or a value does not fit.
        """
        if not isinstance(values, Mapping):
            raise UserError(f"{str(values)[:60]!r} is not a fitted transform")
        arguments = {key: _rebuilt(value) for key, value in values.items() if key != "_target_"}
        kind = _resolve(values.get("_target_"))
        _require_plain(kind, arguments)
        try:
            made = kind(**arguments)
            _ = made.lost, made.scaled
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
            raise UserError(f"not a fitted transform: {error}") from error
        return made


@dataclass(frozen=True)
class Pointwise(Fitted):
    """A change of units of every row by itself: no row is lost."""

    @property
    def lost(self) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Scaling(Pointwise):
    """A pointwise change to a range that networks can learn."""

    @property
    def scaled(self) -> bool:
        """Yes."""
        return True


@dataclass(frozen=True)
class Recoding(Pointwise):
    """A pointwise change to other units, whatever their size."""

    @property
    def scaled(self) -> bool:
        """No."""
        return False


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Fitted):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _rebuilt(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return Fitted.from_dict(value)
    return tuple(_rebuilt(item) for item in value) if isinstance(value, list | tuple) else value


def _require_plain(kind: type[Fitted], arguments: Mapping[str, Any]) -> None:
    """Fitted transforms hold finite numbers, texts, other transforms, and lists of them."""
    for key, value in arguments.items():
        for item in _leaves(value):
            if isinstance(item, float) and not math.isfinite(item):
                raise UserError(f"{kind.__name__}: {key} holds {item}; expected finite numbers")


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401
    if isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _resolve(name: object) -> type[Fitted]:
    module_name, _, attribute = str(name).rpartition(".")
    if not module_name.startswith(f"{_PACKAGE}."):
        raise UserError(f"{name!r} is not a fitted transform of {_PACKAGE}")
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise UserError(f"{name!r} is not a fitted transform of {_PACKAGE}") from error
    if not isinstance(found, type) or not issubclass(found, Fitted):
        raise UserError(f"{name!r} is not a fitted transform of {_PACKAGE}")
    return found
