"""Rows that stay on disk: image files read batch by batch."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from gan_lab.data.decode import Decoder
from gan_lab.data.pixels import to_model_range
from gan_lab.data.samples import Batch, Samples
from gan_lab.spec import DataSpec

IN_MEMORY_LIMIT = 2 * 2**30


@dataclass(frozen=True)
class FileRows:
    """Image files as rows.

    Attributes:
        paths: One file per row.
        decoder: Reads a file.
        hashes: SHA-256 of the pixels of each file.
        label: Class of each row, or None.
        spec: What the rows look like.
    """

    paths: tuple[Path, ...]
    decoder: Decoder
    hashes: tuple[str, ...]
    label: Int[Tensor, " n"] | None
    spec: DataSpec
    start: ClassVar[None] = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.paths)

    def select(self, index: Int[Tensor, " k"]) -> "FileRows":
        """The rows at `index`, in that order."""
        chosen = index.tolist()
        return replace(
            self,
            paths=tuple(self.paths[i] for i in chosen),
            hashes=tuple(self.hashes[i] for i in chosen),
            label=None if self.label is None else self.label[index],
        )

    def batch(self, index: Int[Tensor, " b"]) -> Batch:
        """Read the files at `index`."""
        pixels = np.stack([self.decoder(self.paths[i]) for i in index.tolist()])
        label = None if self.label is None else self.label[index]
        return Batch(to_model_range(torch.from_numpy(pixels)), label)

    def in_memory(self) -> Samples:
        """Evenly spaced rows, at most half of the memory limit: what metrics compare against."""
        row_bytes = 4 * int(np.prod(self.spec.shape))
        count = min(len(self), max(IN_MEMORY_LIMIT // 2 // row_bytes, 1))
        index = (torch.arange(count, dtype=torch.float64) * (len(self) / count)).long()
        return Samples(*self.batch(index), self.spec)

    def digest(self) -> str:
        """SHA-256 of all pixels and labels."""
        state = hashlib.sha256("".join(self.hashes).encode())
        if self.label is not None:
            state.update(self.label.numpy().tobytes())
        return state.hexdigest()
