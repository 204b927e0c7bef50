"""`gan-lab explore directions`: what the latent space varies: found, judged, named, saved."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

METHODS = ("jacobian", "local", "ganspace", "sefa", "random", "supervised", "compose")
WAYS = ("columns", "forward", "rows", "sketch")
NAME = r"[A-Za-z][\w:.]*"
USAGE = """\
gan-lab explore directions: what does the latent space vary, and along which lines?
usage: gan-lab explore directions [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  method=jacobian   jacobian: where the output changes most, on average over the latent space
                    local: the same at one latent (at=), as sliders for this sample
                    ganspace: principal components of the outputs, or of a layer (layer=)
                    sefa: what the first layer stretches most; not for recurrent generators
                    random: the control; supervised: an attribute (attribute=)
                    compose: a sum of saved directions (of=)
  attribute=null    thickness, slant, size, brightness of images; level, volatility, roughness,
                    trend, memory, granger of series, also volatility:CHANNEL and
                    granger:CAUSE:EFFECT; radius or a coordinate of points; class:NAME, by a
                    classifier. Several: attribute=thickness,slant
  given=null        attributes or saved directions to leave alone: given=brightness
  of=null           a sum of saved directions: of=thickness-0.5*slant
  names=null        names for the directions, in order: names=weight,lean
  top=6             how many directions
  label=null        the class or attributes of a conditional generator; null: all in turn
  n=2000            samples for ganspace, for attributes and for their spread
  jacobians=64      latents over which the change of the output is averaged
  way=columns       derivatives: columns, forward, rows, or sketch where latents are very long
  layer=null        ganspace: a layer's name; null: the outputs
  at=0              local: number of the latent
  bases=32          latents that are moved along each direction to judge it
  reach=3           how far to move, in standard deviations of the prior
  steps=9           amounts from -reach to reach
  seed=0            the same seed gives the same files
  output=null       a folder; null: RUN/explore
  trust=false       true: let config.yaml name your own classes; it runs their code

Writes directions-METHOD.png, .csv and .npz, and adds to directions.json, which later commands
read. A random direction stands beside all others.
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    method: str = "jacobian"
    attribute: str | None = None
    given: str | None = None
    of: str | None = None
    names: str | None = None
    top: int = 6
    label: str | None = None
    n: int = 2000
    jacobians: int = 64
    way: str = "columns"
    layer: str | None = None
    at: int = 0
    bases: int = 32
    reach: float = 3.0
    steps: int = 9
    seed: int = 0
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, explore)


def explore(options: Options) -> None:
    """Find, judge, write, show.

    Raises:
        UserError: If a value is out of range or does not suit the run.
    """
    check(options)
    run = find_run(options.run)
    folder = Path(options.output).expanduser() if options.output else run / "explore"
    from gan_lab import load
    from gan_lab.cli.explore.directions_report import show, write
    from gan_lab.cli.explore.directions_study import find, follow_all, prepare

    generator = load(run, trust=options.trust)
    with progress() as tell:
        tell("latents and attributes")
        study = prepare(generator, options, run, folder)
        tell("change of the output")
        found = find(study)
        tell("moving along the directions")
        strips = follow_all(study, found)
        tell("files")
        paths = write(study, found, strips, folder)
    show(study, found, strips)
    for path in paths:
        print(path)


def check(options: Options) -> None:
    """Check words and numbers before anything is loaded.

    Raises:
        UserError: If one is wrong.
    """
    for key, known in (("method", METHODS), ("way", WAYS)):
        if getattr(options, key) not in known:
            raise UserError(f"{key}={getattr(options, key)}: expected one of {', '.join(known)}")
    least = {"top": 1, "n": 100, "jacobians": 1, "at": 0, "bases": 1, "steps": 3, "seed": 0}
    for key, minimum in least.items():
        if getattr(options, key) < minimum:
            raise UserError(f"{key}={getattr(options, key)}: expected {minimum} or more")
    if options.steps % 2 == 0:
        raise UserError(f"steps={options.steps}: expected an odd number, so that 0 is among them")
    if not 0 < options.reach <= 100:
        raise UserError(f"reach={options.reach}: expected a number above 0, up to 100")
    _check_pairs(options)
    _check_names(options)


def _check_pairs(options: Options) -> None:
    """Keys that belong to one method are needed there and refused elsewhere."""
    method = options.method
    for key, owner in (("attribute", "supervised"), ("of", "compose"), ("layer", "ganspace")):
        value = getattr(options, key)
        if value is not None and method != owner:
            raise UserError(f"{key}={value} goes with method={owner}, not with {method}")
    for key, owner in (("attribute", "supervised"), ("of", "compose")):
        if getattr(options, key) is None and method == owner:
            raise UserError(f"method={method} needs {key}=; --help lists what it can be")
    if options.given is not None and method not in ("supervised", "compose"):
        raise UserError(f"given={options.given} goes with method=supervised or compose")
    if options.way == "sketch" and method != "jacobian":
        raise UserError(f"way=sketch goes with method=jacobian, not with {method}")


def _check_names(options: Options) -> None:
    """Names and sums that are written wrongly."""
    if options.of is not None:
        terms(options.of)
    for name in words(options.names):
        if not re.fullmatch(NAME, name):
            raise UserError(f"names: {name!r}: expected a letter, then letters, digits, _ : or .")


def words(text: str | None) -> list[str]:
    """Names in a list such as `thickness,slant`.

    >>> words("[thickness, slant]")
    ['thickness', 'slant']
    """
    return [] if text is None else [w for w in re.split(r"[,\s]+", text.strip("[]() ")) if w]


def terms(text: str) -> list[tuple[float, str]]:
    """Weights and names of a sum.

    Raises:
        UserError: If it is no sum of names.

    >>> terms("thickness - 0.5*slant")
    [(1.0, 'thickness'), (-0.5, 'slant')]
    """
    term = rf"\s*([+-]?)\s*(?:(\d+\.?\d*|\.\d+)\s*\*\s*)?({NAME})\s*"
    if not re.fullmatch(f"(?:{term})(?:(?=[+-]){term})*", text):
        raise UserError(f"of={text}: expected a sum such as of=thickness-0.5*slant")
    found = re.findall(term, text)
    return [(float(f"{sign}{weight or 1}"), name) for sign, weight, name in found]


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A bar on the error stream that moves with every stage."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(24), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=5)
        yield lambda stage: bar.update(task, description=stage, advance=1)


if __name__ == "__main__":
    sys.exit(main())
