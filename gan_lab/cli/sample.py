"""`gan-lab sample`: draw from a trained generator, in the original units of its data."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.cli.arguments import command
from gan_lab.cli.writers import WRITERS, Drawn, write_png
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from torch import Tensor

    from gan_lab.export.portable import PortableGenerator
    from gan_lab.spec import DataSpec

__all__ = ["Drawn", "draw", "labels_of", "main", "sample", "write", "write_png"]

USAGE = """\
gan-lab sample: draw samples from a run.
usage: gan-lab sample [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  n=64            how many
  seed=0          the same seed gives the same files, byte for byte
  truncation=1    below 1: closer to the centre, fewer surprises
  label=null      one class, by name or number, or attributes, label=[0.5]; null: all in turn
  format=null     npy, npz, png, csv, parquet or folder (one PNG each); null: npy, png and, if no
                  images, csv. All but npz are written as they are drawn, in little memory
  start=null      series of returns or changes: levels to go on from, start=[100,101] (one per
                  column) or a table whose last rows are taken; null: the end of the training data
  output=null     a folder, or a file such as faces.npz; null: RUN/generated
  trust=false     true: let config.yaml name your own classes; it runs their code
"""
FORMATS = tuple(WRITERS)
BATCH = 1000


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    n: int = 64
    seed: int = 0
    truncation: float = 1.0
    label: str | None = None
    start: str | None = None
    format: str | None = None
    output: str | None = None
    trust: bool = False


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

    generator = load(run, trust=options.trust)
    if options.start is not None:
        generator = begun(generator, options.start)
    began = time.perf_counter()
    paths = write(draw(generator, options), generator.spec, options, run)
    print(speed(options.n, generator.spec, time.perf_counter() - began), file=sys.stderr)
    for path in paths:
        print(path)


def speed(n: int, spec: "DataSpec", seconds: float) -> str:
    """How many samples, and rows a second, in words."""
    rows = n * (spec.spatial[0] if spec.modality == "series" else 1)
    series = f", {rows:,} rows" if spec.modality == "series" else ""
    return f"{n:,} samples{series} in {seconds:.1f} s: {rows / seconds:,.0f} rows/s"


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


def draw(generator: "PortableGenerator", options: Options) -> Iterator[Drawn]:
    """Draw in batches; batch k has its own seed."""
    from rich.console import Console
    from rich.progress import track

    starts = range(0, options.n, BATCH)
    console = Console(stderr=True)
    for start in track(starts, "sampling", console=console, disable=len(starts) == 1):
        n = min(BATCH, options.n - start)
        label = labels_of(generator, n, start, options.label)
        seed = batch_seed(options.seed, start // BATCH)
        x = generator.sample(n, seed=seed, truncation=options.truncation, label=label)
        yield Drawn(x.cpu().numpy(), None if label is None else label.numpy(), generator.spec)


def begun(generator: "PortableGenerator", start: str) -> "PortableGenerator":
    """The same generator, whose series go on from given levels instead of the training data's end.

    Args:
        generator: What to draw from.
        start: One number per channel, such as `[100,101]`, or a CSV or Parquet file whose last
            rows are taken.

    Raises:
        UserError: If the generator needs no levels, or these do not fit.
    """
    spec = generator.spec
    if not spec.known_steps:
        raise UserError("start: this generator makes values, not changes; leave start out")
    calendar = spec.calendar
    if Path(start).is_file():
        rows, last = last_rows(Path(start), spec)
        if calendar is not None and last:
            calendar = replace(calendar, last=last)
    else:
        rows = [numbers(start, "start")]
    if len(rows) != spec.known_steps or any(len(row) != spec.channels for row in rows):
        raise UserError(
            f"start={start}: expected {spec.known_steps} rows of {spec.channels} numbers: "
            f"{', '.join(spec.channel_names)}"
        )
    anchor = tuple(map(tuple, rows))
    return replace(generator, spec=replace(spec, anchor=anchor, calendar=calendar))


def last_rows(path: Path, spec: "DataSpec") -> tuple[list[list[float]], str]:
    """Levels of the last rows of a table, and the last date or nothing.

    Raises:
        UserError: If the file is no table, or lacks a channel.
    """
    from gan_lab.calendar import iso
    from gan_lab.data.table import Table

    dated = spec.calendar.name if spec.calendar else None
    table = Table(path, columns=spec.channel_names, date=dated, window=2, unsorted="sort")
    content = table.examine()
    content.require_clean()
    history = content.histories[0]
    rows = history.values[-spec.known_steps :].tolist()
    return rows, "" if history.dates is None else iso(history.dates[-1:])[0]


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


def numbers(text: str, key: str = "label") -> list[float]:
    """Numbers as typed, such as `0.5` or `[0.5,-1]`.

    Raises:
        UserError: If a part is no number.

    >>> numbers("[0.5, -1]")
    [0.5, -1.0]
    """
    try:
        return [float(part) for part in text.strip("[]() ").split(",")]
    except ValueError as error:
        raise UserError(f"{key}={text}: expected numbers, such as {key}=[0.5,-1]") from error


def batch_seed(seed: int, batch: int) -> int:
    """Seed of a batch; the first keeps the given one, so that `load(run).sample` agrees."""
    if batch == 0:
        return seed
    return int(np.random.SeedSequence((seed, batch)).generate_state(1)[0])


def write(batches: Iterable[Drawn], spec: "DataSpec", options: Options, run: Path) -> list[Path]:
    """Write every format that was asked for; returns the paths.

    Raises:
        UserError: If a format does not suit the data, or the folder cannot be written.
    """
    folder, stem, kinds = where(spec, options, run)
    paths = [folder / (stem if kind == "folder" else f"{stem}.{kind}") for kind in kinds]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        makers = zip(kinds, paths, strict=True)
        writers = [WRITERS[kind](path, options.n) for kind, path in makers]
        for drawn in batches:
            for writer in writers:
                writer.write(drawn)
        for writer in writers:
            writer.close()
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


if __name__ == "__main__":
    sys.exit(main())
