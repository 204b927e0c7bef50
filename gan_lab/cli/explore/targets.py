"""What is to be inverted: a picture, a table, or rows of the data, in model range."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.types import Label

if TYPE_CHECKING:
    from gan_lab.data import DataModule
    from gan_lab.spec import DataSpec

SETS = ("heldout", "train")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TABLES = (".csv", ".parquet")


@dataclass(frozen=True, eq=False)
class Targets:
    """Samples to invert.

    Attributes:
        x: In model range, `(b, c, *s)`.
        names: One for each.
        label: Their own labels, where they have them.
        training: Whether they are training rows.
    """

    x: Float[Tensor, "b c *s"]
    names: tuple[str, ...]
    label: Label | None = None
    training: bool = False

    def __len__(self) -> int:
        return len(self.x)


def read_targets(
    text: str, data: "DataModule", settings: dict[str, Any], n: int, seed: int
) -> Targets:
    """Rows of the data, or the samples of a file, as the data module would read them.

    Args:
        text: `heldout` or `train`, also `heldout:3,8` for those rows; or a file: a picture, a
            table of one long series, or samples as `gan-lab sample` writes them.
        data: The run's data, set up.
        settings: How the run read them, its node `data`.
        n: Most targets.
        seed: Seed of the rows that are taken where none are named.

    Raises:
        UserError: If there is no such row or file, or it does not fit the data.
    """
    name, _, rows = text.partition(":")
    if name in SETS:
        return rows_of(name, data, _numbers(text, rows) if rows else None, n, seed)
    path = Path(text).expanduser()
    if not path.exists():
        raise UserError(
            f"target={text}: no such file; give a picture, a table, heldout, train or heldout:3,8"
        )
    if path.suffix.lower() in PICTURES:
        return Targets(picture(path, data.spec, _reader(data)), (path.name,))
    if path.suffix.lower() in TABLES and _is_long(path):
        return windows(path, data.spec, settings, n)
    from gan_lab.evaluation.samples_file import read_samples

    try:
        found = read_samples(path, data.spec)
    except UserError as error:
        raise UserError(str(error).replace("samples=", "target=", 1)) from error
    return Targets(found.x[:n], tuple(f"{path.name} {k}" for k in range(min(n, len(found)))))


def rows_of(name: str, data: "DataModule", index: list[int] | None, n: int, seed: int) -> Targets:
    """Rows of the training or the held-out part; by default `n` at random.

    Raises:
        UserError: If there is no such row.
    """
    samples = data.held_out if name == "heldout" else data.train
    if index is None:
        rng = torch.Generator().manual_seed(seed)
        index = torch.randperm(len(samples), generator=rng)[:n].tolist()
    for row in index:
        if row >= len(samples):
            raise UserError(f"{name}:{row}: expected a row from 0 to {len(samples) - 1}")
    chosen: Int[Tensor, " b"] = torch.tensor(index)
    label = None if samples.label is None else samples.label[chosen]
    names = tuple(f"{name} {row}" for row in index)
    return Targets(samples.x[chosen], names, label, name == "train")


def picture(path: Path, spec: "DataSpec", decoder: Any) -> Float[Tensor, "1 c h w"]:  # noqa: ANN401
    """One picture in model range, `(1, c, h, w)`.

    Data from a folder resize it as they did their own files; other data need its exact size.

    Args:
        path: The file.
        spec: What the data look like.
        decoder: How a folder's files are read; None: as they are.

    Raises:
        UserError: If it cannot be read, or its size or its colours do not fit.
    """
    from gan_lab.data.decode import BadFile, Decoder, decode_all

    if spec.modality != "images":
        raise UserError(f"target={path} is a picture, but {spec.name} holds {spec.modality}")
    if spec.channels not in (1, 3):
        raise UserError(f"target={path}: {spec.name} has {spec.channels} channels; give a .npy")
    (pixels,) = decode_all(decoder or Decoder(size=0, resize="none"), [path])
    if isinstance(pixels, BadFile):
        raise UserError(f"{path} cannot be read as an image: {pixels.reason}")
    if pixels.shape[1:] != spec.spatial:
        tall, wide = spec.spatial
        raise UserError(
            f"target={path} has {pixels.shape[2]} x {pixels.shape[1]} pixels; {spec.name} has "
            f"{wide} x {tall}: resize it first"
        )
    if spec.channels == 1 and len(pixels) == 3:
        if (pixels != pixels[:1]).any():
            raise UserError(f"target={path} has 3 channels of colour; {spec.name} has 1: grey")
        pixels = pixels[:1]
    low, high = spec.bounds or (0.0, 255.0)
    y = torch.from_numpy(pixels.astype(np.float32))[None] / 255 * (high - low) + low
    return spec.from_units(y)


def windows(path: Path, spec: "DataSpec", settings: dict[str, Any], n: int) -> Targets:
    """The last `n` windows of a long series that do not overlap, `(n, c, t)`.

    Raises:
        UserError: If the file is no table, lacks a column, or is shorter than a window.
    """
    from gan_lab.data.table.past import read_past

    if spec.modality != "series":
        raise UserError(
            f"target={path} is a table of {len(spec.shape)} axes, but {spec.name} holds "
            f"{spec.modality}; give samples as gan-lab sample writes them"
        )
    length, known = spec.spatial[0], spec.known_steps
    values = torch.from_numpy(read_past(path, spec, settings, length + known).values)
    ends = [len(values) - k * length for k in range(n) if len(values) - (k + 1) * length >= known]
    begins = [end - length - known for end in reversed(ends)]
    cut = torch.stack([values[first : first + length + known].T for first in begins])
    names = tuple(f"rows {first + known} to {first + known + length - 1}" for first in begins)
    return Targets(spec.from_units(cut), names)


def _reader(data: "DataModule") -> Any:  # noqa: ANN401
    """How a folder of pictures reads its files; None for other data."""
    from gan_lab.data.decode import Decoder
    from gan_lab.data.folder import Folder

    if not isinstance(data, Folder):
        return None
    reader = data.reader
    return Decoder(reader.size, reader.resize, grey=data.spec.channels == 1)


def _is_long(path: Path) -> bool:
    """Whether a table holds one long series, not samples numbered by a column."""
    if path.suffix.lower() != ".csv":
        return True
    with path.open(errors="replace") as file:
        names = {name.strip() for name in re.split(r"[,;\t]", file.readline())}
    return "step" not in names


def _numbers(text: str, rows: str) -> list[int]:
    words = [word.strip() for word in rows.split(",")]
    if not all(word.isdigit() for word in words):
        raise UserError(f"{text}: expected row numbers, such as heldout:3,8")
    return [int(word) for word in words]
