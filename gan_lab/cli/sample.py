"""`gan-lab sample`: draw from a trained generator, in the original units of its data."""

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gan_lab.cli.arguments import command
from gan_lab.cli.draws import draw, labels_of
from gan_lab.cli.futures import writers_beside
from gan_lab.cli.past import begun, past_of
from gan_lab.cli.sample_options import FORMATS, USAGE, Options, check, count
from gan_lab.cli.writers import WRITERS, Drawn, Writer
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.data.table.past import Past
    from gan_lab.export.portable import PortableGenerator
    from gan_lab.spec import DataSpec

__all__ = ["Options", "check", "draw", "labels_of", "main", "sample", "write"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, sample)


def sample(options: Options) -> None:
    """Draw and write.

    Raises:
        UserError: If a value is out of range, the run cannot be read, or the generator cannot make
            what is asked for.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load

    generator = load(run, trust=options.trust)
    if options.start is not None:
        generator = begun(generator, options.start, run)
    past, spec = None, generator.spec
    if options.given is not None:
        past, spec = prepared(generator, options, run)
    elif options.steps is not None:
        spec = longer(generator, options.steps)
    began = time.perf_counter()
    paths = write(draw(generator, options, past, spec), spec, options, run, past)
    print(speed(count(options), spec, time.perf_counter() - began), file=sys.stderr)
    for path in paths:
        print(path)


def prepared(
    generator: "PortableGenerator", options: Options, run: Path
) -> "tuple[Past, DataSpec]":
    """The past that is given, and the spec of its futures.

    Raises:
        UserError: If the generator cannot go on from a past, or this one does not fit.
    """
    from gan_lab.export.long import continues, least_past

    continues(generator)
    assert options.given is not None
    past = past_of("given", options.given, generator.spec, run, least_past(generator.spec))
    if options.label is None and (generator.classes or generator.attributes):
        names = ", ".join(generator.classes or generator.attributes)
        raise UserError(f"given: the futures of one past have one label; set label= ({names})")
    return past, past.followed(generator.spec, options.steps or generator.spec.spatial[0])


def longer(generator: "PortableGenerator", steps: int) -> "DataSpec":
    """The spec of series of another length.

    Raises:
        UserError: If the generator makes one length alone.
    """
    from gan_lab.export.long import any_length, with_steps

    any_length(generator)
    return with_steps(generator.spec, steps)


def speed(n: int, spec: "DataSpec", seconds: float) -> str:
    """How many samples, and rows a second, in words."""
    rows = n * (spec.spatial[0] if spec.modality == "series" else 1)
    series = f", {rows:,} rows" if spec.modality == "series" else ""
    return f"{n:,} samples{series} in {seconds:.1f} s: {rows / seconds:,.0f} rows/s"


def write(
    batches: Iterable[Drawn],
    spec: "DataSpec",
    options: Options,
    run: Path,
    past: "Past | None" = None,
) -> list[Path]:
    """Write every format that was asked for; returns the paths.

    Raises:
        UserError: If a format does not suit the data, or the folder cannot be written.
    """
    folder, stem, kinds = where(spec, options, run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writers: dict[Path, Writer] = {}
        for kind in kinds:
            path = folder / (stem if kind == "folder" else f"{stem}.{kind}")
            writers[path] = WRITERS[kind](path, count(options))
        if past is not None:
            writers |= writers_beside(folder, stem, kinds[0], past)
        for drawn in batches:
            for writer in writers.values():
                writer.write(drawn)
        for writer in writers.values():
            writer.close()
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    return list(writers)


def where(spec: "DataSpec", options: Options, run: Path) -> tuple[Path, str, list[str]]:
    """Folder, file stem and formats."""
    usual = ["npy", "png"] + ["csv"] * (spec.modality != "images")
    stem = "samples"
    if options.given is not None:
        usual, stem = ["csv"], "futures"
    kinds = [options.format] if options.format else usual
    if options.output is None:
        return run / "generated", stem, kinds
    output = Path(options.output).expanduser()
    kind = output.suffix.lstrip(".")
    if kind in FORMATS and not output.is_dir():
        return output.parent, output.stem, [options.format or kind]
    return output, stem, kinds


if __name__ == "__main__":
    sys.exit(main())
