"""A number with its floor, its interval and its receipt."""

import platform
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy
import torch

import gan_lab
from gan_lab.errors import UserError

Family = Literal["faithful", "covers", "dynamics", "novel"]
Better = Literal["lower", "higher", "floor"]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Receipt:
    """All that a number depends on besides the samples themselves.

    Attributes:
        evaluator: What the number is computed from: the extractor's name, or `values`.
        digest: SHA-256 of the evaluator's weights.
        resize: How samples were resized before the evaluator saw them, or `none`.
        n_real: Real rows on one side of a measurement.
        n_fake: Samples on the other.
        split: Which real rows.
        seed: Seed of samples, halves and directions.
        weights: `ema`, `raw`, or `samples` for samples that came as a file.
        data: SHA-256 of the data.
        versions: Versions of the packages that computed it.
    """

    evaluator: str
    digest: str
    resize: str
    n_real: int
    n_fake: int
    split: str
    seed: int
    weights: str
    data: str
    versions: dict[str, str]

    def differences(self, other: "Receipt", allow: Collection[str] = ()) -> list[str]:
        """Each field in which two receipts differ, with both values; `allow` names exceptions."""
        names = [f.name for f in fields(self) if f.name not in allow]
        pairs = [(name, getattr(self, name), getattr(other, name)) for name in names]
        return [f"{name}: {a} and {b}" for name, a, b in pairs if a != b]


@dataclass(frozen=True)
class Score:
    """One number about a generator, beside the same number about real rows.

    Attributes:
        name: Name of the score.
        family: The question that it helps to answer.
        value: Mean over the repeats.
        interval: 95 % interval of the value.
        floor: The same score of real rows against other real rows, as many of each.
        floor_interval: Range that holds 95 % of such floors.
        better: Whether lower or higher is better, or the floor itself.
        receipt: What it depends on.
        drift: For series, the score of the second half of the history against the first.
    """

    name: str
    family: Family
    value: float
    interval: Interval
    floor: float
    floor_interval: Interval
    better: Better
    receipt: Receipt
    drift: float | None = None

    @property
    def like_real(self) -> bool:
        """Whether the score is not worse than that of real rows: the intervals meet."""
        low, high = self.floor_interval
        if self.drift is not None:
            low, high = min(low, self.drift), max(high, self.drift)
        too_high = self.better != "higher" and self.interval[0] > high
        too_low = self.better != "lower" and self.interval[1] < low
        return not (too_high or too_low)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "like_real": self.like_real}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Score":
        """The inverse of `to_dict`.

        Raises:
            UserError: If a key is missing or unknown.
        """
        values = {k: v for k, v in plain.items() if k != "like_real"}
        try:
            values["receipt"] = Receipt(**values["receipt"])
            for name in ("interval", "floor_interval"):
                low, high = values[name]
                values[name] = (float(low), float(high))
            return cls(**values)
        except (TypeError, KeyError, ValueError) as error:
            raise UserError(f"this is no score: {error!r}") from error


def versions() -> dict[str, str]:
    """Versions that a number can depend on."""
    return {
        "gan_lab": gan_lab.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": str(numpy.__version__),
    }
