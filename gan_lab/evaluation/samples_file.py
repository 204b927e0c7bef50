"""Samples that any tool has made: a folder of images, or a table."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from torch import Tensor

from gan_lab.data.decode import BadFile, Decoder, decode_all
from gan_lab.data.folder import find_images
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

if TYPE_CHECKING:
    import pandas as pd

SAMPLE, STEP = "sample", "step"
MOST_GROWTH, SPARE_BYTES = 200, 64 * 2**20


def read_samples(path: Path, spec: DataSpec) -> Samples:
    """Samples in original units from `path`, in model range.

    Args:
        path: A folder of images; `.npy` or `.npz` (array `x`) of shape `(n, c, *s)`; or `.csv`
            with one column per channel, and for series the columns `sample` and `step`, as
            `gan-lab sample` writes it.
        spec: What the data look like.

    Raises:
        UserError: If the file is missing, damaged or does not fit the data.
    """
    if not path.exists():
        raise UserError(f"samples={path} does not exist; give a folder of images or a table")
    if path.is_dir():
        return Samples(spec.from_units(_images(path, spec)), None, spec)
    readers: Mapping[str, Callable[[Path, DataSpec], Tensor]] = {
        # Mapped: a header that claims more than the file holds is an error, not an allocation.
        ".npy": lambda file, _: _array(file, np.load(file, mmap_mode="r", allow_pickle=False)),
        ".npz": lambda file, _: _first_array(file),
        ".csv": _table,
    }
    if path.suffix.lower() not in readers:
        raise UserError(f"samples={path}: expected a folder, or a file {', '.join(readers)}")
    try:
        x = readers[path.suffix.lower()](path, spec)
    except (
        OSError, ValueError, KeyError, EOFError, TypeError, OverflowError, MemoryError,
        BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"samples={path} cannot be read: {reason}") from error
    x = _from_the_beginning(x, spec)
    if tuple(x.shape[1:]) != _shape_in_units(spec):
        raise UserError(
            f"samples={path} holds samples of shape {tuple(x.shape[1:])}; {spec.name} holds "
            f"{_shape_in_units(spec)}, channels first"
        )
    if len(x) == 0 or not x.isfinite().all():
        what = "no samples" if len(x) == 0 else "NaN or infinite values"
        raise UserError(f"samples={path} holds {what}; leave such rows out")
    return Samples(spec.from_units(x), None, spec)


def _shape_in_units(spec: DataSpec) -> tuple[int, ...]:
    """Shape of a sample in original units: with the known steps that differences begin from."""
    known = spec.known_steps
    return (*spec.shape[:-1], spec.shape[-1] + known) if known else spec.shape


def _from_the_beginning(x: Tensor, spec: DataSpec) -> Tensor:
    """Windows with their known steps; those of the data where only the generated ones came."""
    if not spec.known_steps or tuple(x.shape[1:]) != spec.shape:
        return x
    beginning = spec.to_units(torch.zeros(1, *spec.shape))[..., : spec.known_steps]
    return torch.cat([beginning.double().expand(len(x), -1, -1), x.double()], dim=2)


def _images(path: Path, spec: DataSpec) -> Tensor:
    if spec.modality != "images":
        raise UserError(f"samples={path} is a folder, but {spec.name} holds {spec.modality}")
    if spec.spatial[0] != spec.spatial[1] or spec.channels not in (1, 3):
        raise UserError(
            f"samples={path}: folders are read as square images of 1 or 3 channels, "
            f"{spec.name} holds {spec.shape}; give a .npy file"
        )
    decoder = Decoder(size=spec.spatial[0], resize="cover", grey=spec.channels == 1)
    found = decode_all(decoder, find_images(path))
    for bad in found:
        if isinstance(bad, BadFile):
            raise UserError(f"{bad.path} cannot be read as an image: {bad.reason}")
    return torch.from_numpy(np.stack([x for x in found if not isinstance(x, BadFile)]))


def _first_array(path: Path) -> Tensor:
    with ZipFile(path) as archive:
        claimed = sum(member.file_size for member in archive.infolist())
    if claimed > MOST_GROWTH * path.stat().st_size + SPARE_BYTES:
        raise ValueError(f"it grows more than {MOST_GROWTH} times when it is unpacked")
    with np.load(path, allow_pickle=False) as arrays:
        names = list(arrays)
        if not names:
            raise ValueError("it holds no array")
        return _array(path, arrays["x" if "x" in names else names[0]])


def _array(path: Path, x: object) -> Tensor:
    if not isinstance(x, np.ndarray):
        raise ValueError("it holds something that is no array")
    if x.dtype.kind not in "iuf":
        raise UserError(f"samples={path} holds {x.dtype}; expected numbers")
    # Differences of levels need all digits; images would only be larger.
    return torch.from_numpy(x.astype(np.float64 if x.ndim == 3 else np.float32))


def _table(path: Path, spec: DataSpec) -> Tensor:
    import pandas as pd

    if spec.modality == "images":
        raise UserError(f"samples={path}: images come as a folder or .npy, not as a table")
    frame = pd.read_csv(path)
    names = _columns(path, frame, spec)
    if spec.modality == "points":
        return torch.tensor(frame[names].to_numpy(dtype=np.float32))
    absent = [name for name in (SAMPLE, STEP) if name not in frame.columns]
    if absent:
        raise UserError(
            f"samples={path} has no column {' and '.join(absent)}; a table of series has one row "
            f"per step, with the columns {SAMPLE}, {STEP} and one per channel"
        )
    steps = spec.spatial[0]
    lengths = frame.groupby(SAMPLE).size()
    if (lengths != steps).any():
        odd = lengths.index[lengths != steps][0]
        raise UserError(
            f"samples={path}: sample {odd} has {lengths[odd]} steps, {spec.name} has {steps}"
        )
    ordered = frame.sort_values([SAMPLE, STEP])[names].to_numpy(dtype=np.float64)
    return torch.tensor(ordered.reshape(len(lengths), steps, len(names)).transpose(0, 2, 1).copy())


def _columns(path: Path, frame: "pd.DataFrame", spec: DataSpec) -> list[str]:
    names = list(spec.channel_names) or [f"x{i}" for i in range(spec.channels)]
    absent = [name for name in names if name not in frame.columns]
    if absent:
        held = ", ".join(str(column) for column in frame.columns)
        raise UserError(f"samples={path} has no column {', '.join(absent)}; it has: {held}")
    return names
