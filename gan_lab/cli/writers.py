"""Samples to files, batch after batch: memory holds one batch, whatever their number."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from gan_lab.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.parquet as pq

    from gan_lab.spec import DataSpec

MOST_POINTS, MOST_PICTURED = 5000, 64


@dataclass(frozen=True)
class Drawn:
    """Samples in original units, `(n, c, *s)`, their classes `(n,)` or None, and their spec."""

    x: np.ndarray
    label: np.ndarray | None
    spec: "DataSpec"


@runtime_checkable
class Writer(Protocol):
    """Takes batches of samples."""

    def write(self, drawn: Drawn) -> None:
        """Add a batch."""

    def close(self) -> None:
        """Finish the file."""


class NpyWriter:
    """One array `(n, c, *s)`, on disk from the first batch on."""

    def __init__(self, path: Path, n: int) -> None:
        self.path, self.n, self.done = path, n, 0
        self.array: np.memmap[Any, Any] | None = None

    def write(self, drawn: Drawn) -> None:
        """Fill the next rows."""
        x = drawn.x
        if self.array is None:
            shape = (self.n, *x.shape[1:])
            self.array = np.lib.format.open_memmap(self.path, "w+", dtype=x.dtype, shape=shape)
        self.array[self.done : self.done + len(x)] = x
        self.done += len(x)

    def close(self) -> None:
        """Flush."""
        if self.array is not None:
            self.array.flush()


class NpzWriter:
    """`x` and, for labelled data, `label`, compressed: the one format that needs all in memory."""

    def __init__(self, path: Path, n: int) -> None:
        self.path = path
        self.parts: list[Drawn] = []

    def write(self, drawn: Drawn) -> None:
        """Keep the batch."""
        self.parts.append(drawn)

    def close(self) -> None:
        """Write all batches."""
        arrays = {"x": np.concatenate([part.x for part in self.parts])}
        labels = [part.label for part in self.parts if part.label is not None]
        if labels:
            arrays["label"] = np.concatenate(labels)
        np.savez_compressed(self.path, allow_pickle=False, **arrays)


class PngWriter:
    """A picture of the first samples."""

    def __init__(self, path: Path, n: int) -> None:
        self.path = path
        self.parts: list[Drawn] = []

    def write(self, drawn: Drawn) -> None:
        """Keep what the picture needs."""
        most = MOST_POINTS if drawn.spec.modality == "points" else MOST_PICTURED
        left = most - sum(len(part.x) for part in self.parts)
        if left > 0:
            self.parts.append(Drawn(drawn.x[:left], None, drawn.spec))

    def close(self) -> None:
        """Draw."""
        x = np.concatenate([part.x for part in self.parts])
        write_png(self.path, Drawn(x, None, self.parts[0].spec))


class CsvWriter:
    """One row a point, or one row a time step."""

    def __init__(self, path: Path, n: int) -> None:
        self.path, self.done = path, 0

    def write(self, drawn: Drawn) -> None:
        """Append rows.

        Raises:
            UserError: If the data are images.
        """
        frame = to_frame(drawn, first=self.done)
        # Networks compute in float32: more than nine digits of a float64 would be noise.
        digits = None if drawn.x.dtype == np.float32 else "%.9g"
        first = self.done == 0
        frame.to_csv(
            self.path, mode="w" if first else "a", header=first, index=False, float_format=digits
        )
        self.done += len(drawn.x)

    def close(self) -> None:
        """Nothing is left to do."""


class ParquetWriter:
    """The rows of `CsvWriter` as a Parquet file, one row group a batch."""

    def __init__(self, path: Path, n: int) -> None:
        try:
            import pyarrow  # noqa: F401
        except ModuleNotFoundError as error:
            raise UserError(
                "format=parquet needs pyarrow, which is missing; "
                "run: pip install 'gan-lab-torch[parquet]', or use format=csv"
            ) from error
        self.path, self.done = path, 0
        self.file: pq.ParquetWriter | None = None

    def write(self, drawn: Drawn) -> None:
        """Append a row group.

        Raises:
            UserError: If the data are images.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(to_frame(drawn, first=self.done), preserve_index=False)
        if self.file is None:
            self.file = pq.ParquetWriter(self.path, table.schema)
        self.file.write_table(table.cast(self.file.schema))
        self.done += len(drawn.x)

    def close(self) -> None:
        """Write the footer."""
        if self.file is not None:
            self.file.close()


class FolderWriter:
    """One PNG each; classes become folders, as `data=folder` reads them."""

    def __init__(self, path: Path, n: int) -> None:
        self.path, self.digits, self.numbers = path, len(str(n - 1)), count()

    def write(self, drawn: Drawn) -> None:
        """Write one file a sample.

        Raises:
            UserError: If the data are no images.
        """
        from PIL import Image

        if drawn.spec.modality != "images":
            raise UserError(
                "format=folder suits images; for points and series use npy, npz, csv or parquet"
            )
        for i, (number, x) in enumerate(zip(self.numbers, drawn.x, strict=False)):
            inside = self.path
            if drawn.label is not None and drawn.spec.classes:
                inside = inside / drawn.spec.classes[drawn.label[i]]
            inside.mkdir(parents=True, exist_ok=True)
            pixels = x[0] if len(x) == 1 else x.transpose(1, 2, 0)
            Image.fromarray(pixels).save(inside / f"{number:0{self.digits}}.png")

    def close(self) -> None:
        """Nothing is left to do."""


WRITERS: dict[str, Callable[[Path, int], Writer]] = {
    "npy": NpyWriter,
    "npz": NpzWriter,
    "png": PngWriter,
    "csv": CsvWriter,
    "parquet": ParquetWriter,
    "folder": FolderWriter,
}


def write_png(path: Path, drawn: Drawn) -> None:
    """A picture of samples in original units, `(n, c, *s)`."""
    import torch

    from gan_lab.render.samples import render_samples

    most = MOST_POINTS if drawn.spec.modality == "points" else MOST_PICTURED
    x = drawn.spec.from_units(torch.from_numpy(drawn.x[:most]))
    render_samples(x, drawn.spec).save(path)


def to_frame(drawn: Drawn, first: int = 0) -> "pd.DataFrame":
    """A table: one row a point, or one row a time step that was generated.

    Series have the columns `sample` and `step`, and dates where the training data go on in a
    regular way. Columns have the names and types of the table that was trained on.

    Args:
        drawn: The samples.
        first: Number of the first one.

    Raises:
        UserError: If the data are images.
    """
    import pandas as pd

    spec = drawn.spec
    if spec.modality == "images":
        raise UserError("format=csv and parquet suit points and series; for images use npy or npz")
    series = spec.modality == "series"
    x = drawn.x[..., spec.known_steps :] if series else drawn.x[..., None]
    n, channels, steps = x.shape
    rows = x.transpose(0, 2, 1).reshape(n * steps, channels)
    names = spec.channel_names or tuple(f"x{i}" for i in range(channels))
    columns: dict[str, Any] = _place(spec, first, n, steps) if series else {}
    taken = set(names)
    columns = {(k if k not in taken else f"{k}_"): v for k, v in columns.items()}
    for i, name in enumerate(names):
        columns[name] = _typed(rows[:, i], spec.dtypes[i] if spec.dtypes else "", name)
    if drawn.label is not None:
        columns |= _labels(drawn.label.repeat(steps, axis=0), spec)
    return pd.DataFrame(columns)


def _place(spec: "DataSpec", first: int, n: int, steps: int) -> dict[str, Any]:
    import pandas as pd

    columns: dict[str, Any] = {
        "sample": np.repeat(np.arange(first, first + n), steps),
        "step": np.tile(np.arange(steps), n),
    }
    dates = [] if spec.calendar is None else spec.calendar.after(steps)
    if spec.calendar is not None and len(dates) == steps:
        columns[spec.calendar.name] = np.tile(pd.to_datetime(dates).to_numpy(), n)
    return columns


def _typed(values: np.ndarray, dtype: str, name: str) -> np.ndarray:
    if not dtype:
        return values
    if np.dtype(dtype).kind not in "iu":
        return values.astype(dtype)
    if not np.isfinite(values).all():
        raise UserError(
            f"column {name} holds whole numbers, but the generator made one that is not finite; "
            "train it longer, or use format=npy"
        )
    limits = np.iinfo(dtype)
    whole: np.ndarray = np.rint(values).clip(limits.min, limits.max).astype(dtype)
    return whole


def _labels(label: np.ndarray, spec: "DataSpec") -> dict[str, Any]:
    if spec.classes:
        return {"label": np.array(spec.classes)[label]}
    return dict(zip(spec.attributes, label.T, strict=True))
