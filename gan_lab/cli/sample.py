"""`gan-lab sample`: draw from a trained generator, in the original units of its data."""

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from torch import Tensor

    from gan_lab.export.portable import PortableGenerator
    from gan_lab.spec import DataSpec

USAGE = """\
gan-lab sample: draw samples from a run.
usage: gan-lab sample [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  n=64            how many
  seed=0          the same seed gives the same files, byte for byte
  truncation=1    below 1: closer to the centre, fewer surprises
  label=null      one class, by name or number, or attributes, label=[0.5]; null: all in turn
  format=null     npy, npz, png, csv or folder (one PNG each); null: npy, png and, if no images, csv
  output=null     a folder, or a file such as faces.npz; null: RUN/generated
  trust=false     true: let config.yaml name your own classes; it runs their code
"""
FORMATS = ("npy", "npz", "png", "csv", "folder")
BATCH = 1000


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    n: int = 64
    seed: int = 0
    truncation: float = 1.0
    label: str | None = None
    format: str | None = None
    output: str | None = None
    trust: bool = False


@dataclass(frozen=True)
class Drawn:
    """Samples in original units, `(n, c, *s)`, their classes `(n,)` or None, and their spec."""

    x: np.ndarray
    label: np.ndarray | None
    spec: "DataSpec"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, sample)


def sample(options: Options) -> None:
    """Draw and write.

    Raises:
        UserError: If a value is out of range or the run cannot be read.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load

    drawn = draw(load(run, trust=options.trust), options)
    for path in write(drawn, options, run):
        print(path)


def check(options: Options) -> None:
    """Check the numbers before anything is loaded.

    Raises:
        UserError: If one is out of range.
    """
    if options.n < 1:
        raise UserError(f"n={options.n}: expected 1 or more")
    if options.seed < 0:
        raise UserError(f"seed={options.seed}: expected 0 or more")
    if not 0 <= options.truncation <= 1:
        raise UserError(f"truncation={options.truncation}: expected a number from 0 to 1")
    if options.format is not None and options.format not in FORMATS:
        raise UserError(f"format={options.format}: expected one of {', '.join(FORMATS)}")


def draw(generator: "PortableGenerator", options: Options) -> Drawn:
    """Draw in batches, so that memory holds the samples alone; batch k has its own seed."""
    from rich.console import Console
    from rich.progress import track

    spec = generator.spec
    starts = range(0, options.n, BATCH)
    parts, labels = [], []
    console = Console(stderr=True)
    for start in track(starts, "sampling", console=console, disable=len(starts) == 1):
        n = min(BATCH, options.n - start)
        label = labels_of(generator, n, start, options.label)
        seed = batch_seed(options.seed, start // BATCH)
        x = generator.sample(n, seed=seed, truncation=options.truncation, label=label)
        parts.append(x.cpu().numpy())
        labels.append(None if label is None else label.numpy())
    known = [label for label in labels if label is not None]
    return Drawn(np.concatenate(parts), np.concatenate(known) if known else None, spec)


def labels_of(
    generator: "PortableGenerator", n: int, start: int, label: str | None
) -> "Tensor | None":
    """Labels of `n` samples from number `start` on: as asked for, or all classes in turn.

    Raises:
        UserError: If there is no such class, or the attributes are no numbers.
    """
    import torch

    if generator.attributes:
        return generator.labels(n, seed=start, label=None if label is None else numbers(label))
    if label is None:
        count = len(generator.classes)
        return torch.arange(start, start + n) % count if count else None
    number = label.isdigit() and label not in generator.classes
    return generator.labels(n, label=int(label) if number else label)


def numbers(text: str) -> list[float]:
    """Attributes as typed, such as `0.5` or `[0.5,-1]`.

    Raises:
        UserError: If a part is no number.

    >>> numbers("[0.5, -1]")
    [0.5, -1.0]
    """
    try:
        return [float(part) for part in text.strip("[]() ").split(",")]
    except ValueError as error:
        raise UserError(f"label={text}: expected numbers, such as label=[0.5,-1]") from error


def batch_seed(seed: int, batch: int) -> int:
    """Seed of a batch; the first keeps the given one, so that `load(run).sample` agrees."""
    if batch == 0:
        return seed
    return int(np.random.SeedSequence((seed, batch)).generate_state(1)[0])


def write(drawn: Drawn, options: Options, run: Path) -> list[Path]:
    """Write every format that was asked for; returns the paths.

    Raises:
        UserError: If a format does not suit the data, or the folder cannot be written.
    """
    folder, stem, kinds = where(drawn.spec, options, run)
    writers: dict[str, Callable[[Path, Drawn], None]] = {
        "npy": lambda path, d: np.save(path, d.x),
        "npz": write_npz,
        "png": write_png,
        "csv": write_csv,
        "folder": write_folder,
    }
    paths = [folder / (stem if kind == "folder" else f"{stem}.{kind}") for kind in kinds]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, path in zip(kinds, paths, strict=True):
            writers[kind](path, drawn)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    return paths


def where(spec: "DataSpec", options: Options, run: Path) -> tuple[Path, str, list[str]]:
    """Folder, file stem and formats."""
    usual = ["npy", "png"] + ["csv"] * (spec.modality != "images")
    kinds = [options.format] if options.format else usual
    if options.output is None:
        return run / "generated", "samples", kinds
    output = Path(options.output).expanduser()
    kind = output.suffix.lstrip(".")
    if kind in FORMATS and not output.is_dir():
        return output.parent, output.stem, [options.format or kind]
    return output, "samples", kinds


def write_npz(path: Path, drawn: Drawn) -> None:
    """`x` and, for labelled data, `label`."""
    if drawn.label is None:
        np.savez_compressed(path, x=drawn.x)
    else:
        np.savez_compressed(path, x=drawn.x, label=drawn.label)


def write_png(path: Path, drawn: Drawn) -> None:
    """A picture of the first 64 samples (2,000 points)."""
    import torch

    from gan_lab.render.samples import render_samples

    most = 5000 if drawn.spec.modality == "points" else 64
    x = drawn.spec.from_units(torch.from_numpy(drawn.x[:most]))
    render_samples(x, drawn.spec).save(path)


def write_csv(path: Path, drawn: Drawn) -> None:
    """A table: one row a point, or one row a time step.

    Raises:
        UserError: If the data are images.
    """
    spec = drawn.spec
    if spec.modality == "images":
        raise UserError("format=csv suits points and series; for images use npy, npz or folder")
    names = spec.channel_names or tuple(f"x{i}" for i in range(spec.channels))
    label = [] if drawn.label is None else list(spec.attributes) or ["label"]
    series = spec.modality == "series"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*(["sample", "step"] if series else []), *names, *label])
        for i, x in enumerate(drawn.x):
            tail = [] if drawn.label is None else in_words(drawn.label[i], spec)
            if series:
                table.writerows([i, t, *row, *tail] for t, row in enumerate(x.T.tolist()))
            else:
                table.writerow([*x.tolist(), *tail])


def in_words(label: np.ndarray, spec: "DataSpec") -> list[Any]:
    """The name of a class, or the numbers of its attributes."""
    return [spec.classes[label]] if spec.classes else label.tolist()


def write_folder(path: Path, drawn: Drawn) -> None:
    """One PNG each; classes become folders, as `data=folder` reads them.

    Raises:
        UserError: If the data are no images.
    """
    from PIL import Image

    if drawn.spec.modality != "images":
        raise UserError("format=folder suits images; for points and series use npy, npz or csv")
    digits = len(str(len(drawn.x) - 1))
    for i, x in enumerate(drawn.x):
        inside = path
        if drawn.label is not None and drawn.spec.classes:
            inside = path / drawn.spec.classes[drawn.label[i]]
        inside.mkdir(parents=True, exist_ok=True)
        pixels = x[0] if len(x) == 1 else x.transpose(1, 2, 0)
        Image.fromarray(pixels).save(inside / f"{i:0{digits}}.png")


if __name__ == "__main__":
    sys.exit(main())
