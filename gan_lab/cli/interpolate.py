"""`gan-lab interpolate`: walk between samples along the prior's own paths."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.cli.arguments import command
from gan_lab.cli.draws import labels_of
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from torch import Tensor

    from gan_lab.export.portable import PortableGenerator

USAGE = """\
gan-lab interpolate: walk between samples of a run.
usage: gan-lab interpolate [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  rows=8          how many walks
  steps=9         samples on each walk, both ends included
  seed=0          the same seed gives the same walks
  truncation=1    below 1: ends closer to the centre
  label=null      one class, by name or number; null: one class per row, in turn
  output=null     a folder; null: RUN/generated
  trust=false     true: let config.yaml name your own classes; it runs their code
writes interpolation.npy, interpolation.png and, for images, interpolation.webp
"""
FRAMES = 24


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    rows: int = 8
    steps: int = 9
    seed: int = 0
    truncation: float = 1.0
    label: str | None = None
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, interpolate)


def interpolate(options: Options) -> None:
    """Walk and write.

    Raises:
        UserError: If a value is out of range or the run cannot be read.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load

    generator = load(run, trust=options.trust)
    folder = Path(options.output).expanduser() if options.output else run / "generated"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in write(generator, options, folder):
            print(path)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error


def check(options: Options) -> None:
    """Check the numbers before anything is loaded.

    Raises:
        UserError: If one is out of range.
    """
    for name, least in (("rows", 1), ("steps", 2), ("seed", 0)):
        value = getattr(options, name)
        if value < least:
            raise UserError(f"{name}={value}: expected {least} or more")
    if not 0 <= options.truncation <= 1:
        raise UserError(f"truncation={options.truncation}: expected a number from 0 to 1")


def write(generator: "PortableGenerator", options: Options, folder: Path) -> list[Path]:
    """Array, picture and, for images, animation; returns the paths."""
    from gan_lab.render.animation import save_animation
    from gan_lab.render.samples import render_paths, render_samples

    spec = generator.spec
    paths, t = walk(generator, options, options.steps)
    table, picture = folder / "interpolation.npy", folder / "interpolation.png"
    units = spec.to_units(paths.flatten(0, 1))
    np.save(table, units.reshape(*paths.shape[:3], *units.shape[2:]).numpy())
    render_paths(paths, t, spec).save(picture)
    if spec.modality != "images":
        return [table, picture]
    animation = folder / "interpolation.webp"
    smooth, _ = walk(generator, options, FRAMES)
    there = [render_samples(frame, spec) for frame in smooth.unbind(1)]
    save_animation([*there, *there[-2::-1]], animation, seconds=0.08)
    return [table, picture, animation]


def walk(generator: "PortableGenerator", options: Options, steps: int) -> "tuple[Tensor, Tensor]":
    """Samples in model range along each path, `(rows, steps, c, *s)`, and positions `(steps,)`."""
    import torch

    rng = torch.Generator().manual_seed(options.seed)
    prior, rows = generator.prior, options.rows
    ends = prior.sample(2 * rows, rng)
    if options.truncation != 1:
        ends = prior.truncate(ends, options.truncation)
    t = torch.linspace(0, 1, steps)
    z = prior.interpolate(ends[:rows], ends[rows:], t)
    label = labels_of(generator, rows, 0, options.label)
    x = [generator.generate(z[:, k], label=label) for k in range(steps)]
    return torch.stack(x, dim=1).cpu(), t


if __name__ == "__main__":
    sys.exit(main())
