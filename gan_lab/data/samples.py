"""Rows of data and the batches that are cut from them."""

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.spec import DataSpec
from gan_lab.types import Label


class Batch(NamedTuple):
    """What one training step sees: samples `(b, c, *s)` and labels `(b,)` or `(b, k)`, or None."""

    x: Float[Tensor, "b c *s"]
    label: Label | None

    def split(self, parts: int) -> list["Batch"]:
        """Equal parts, one for each critic step."""
        xs = self.x.chunk(parts)
        labels = [None] * parts if self.label is None else self.label.chunk(parts)
        return [Batch(x, label) for x, label in zip(xs, labels, strict=True)]


@dataclass(frozen=True)
class Samples:
    """Rows in memory.

    Attributes:
        x: Samples in model range, channels first.
        label: Class `(n,)` or attributes `(n, k)` of each row, or None.
        spec: What the rows look like.
        start: For windows of a series, the time step at which each one begins; otherwise None.
    """

    x: Float[Tensor, "n c *s"]
    label: Label | None
    spec: DataSpec
    start: Int[Tensor, " n"] | None = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.x)

    def select(self, index: Int[Tensor, " k"]) -> "Samples":
        """The rows at `index`, in that order."""
        return replace(
            self,
            x=self.x[index],
            label=None if self.label is None else self.label[index],
            start=None if self.start is None else self.start[index],
        )

    def batch(self, index: Int[Tensor, " b"]) -> Batch:
        """The rows at `index` as one batch."""
        return Batch(
            self.x.index_select(0, index),
            None if self.label is None else self.label.index_select(0, index),
        )

    def example_labels(self, n: int) -> Label | None:
        """Labels to draw `n` samples for: classes in turn, or attributes of evenly spaced rows."""
        if self.spec.classes:
            return torch.arange(n) % self.spec.num_classes
        if self.label is None:
            return None
        order = self.label[:, 0].argsort()
        return self.label[order[(torch.arange(n) + 0.5).div(n).mul(len(order)).long()]]

    def in_memory(self) -> "Samples":
        """These rows: they are in memory already."""
        return self

    def digest(self) -> str:
        """SHA-256 of values and labels."""
        state = hashlib.sha256(self.x.contiguous().numpy().tobytes())
        if self.label is not None:
            state.update(self.label.contiguous().numpy().tobytes())
        return state.hexdigest()


@runtime_checkable
class Rows(Protocol):
    """Rows that may lie in memory (`Samples`) or on disk (`gan_lab.data.files.FileRows`)."""

    @property
    def spec(self) -> DataSpec:
        """What the rows look like."""

    @property
    def label(self) -> Label | None:
        """Class `(n,)` or attributes `(n, k)` of each row, or None."""

    @property
    def start(self) -> Int[Tensor, " n"] | None:
        """Time step at which each window begins, or None."""

    def __len__(self) -> int:
        """Number of rows."""

    def select(self, index: Int[Tensor, " k"]) -> "Rows":
        """The rows at `index`, in that order."""

    def batch(self, index: Int[Tensor, " b"]) -> Batch:
        """The rows at `index` as one batch."""

    def in_memory(self) -> Samples:
        """As many of the rows as fit in memory."""

    def digest(self) -> str:
        """SHA-256 of the data."""
