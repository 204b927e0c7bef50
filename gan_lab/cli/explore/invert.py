"""`gan-lab explore invert`: find the latents of real pictures or series."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

PENALTIES = ("typical", "likely")
FEATURES = ("values", "classifier", "random", "characteristics", "efficientnet")
USAGE = """\
gan-lab explore invert: find the latents of real pictures or series, to edit or to judge them.
usage: gan-lab explore invert [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  target=heldout   what to invert: heldout or train (n rows at random), heldout:3,8 (those rows),
                   a picture, a CSV or Parquet table of one long series (its last n windows), or
                   samples as gan-lab sample writes them
  n=8              how many targets
  restarts=8       starts for each target
  steps=100        steps of Adam; polish=200: evaluations of L-BFGS after it
  weight=0.01      how strongly latents are kept where the prior draws from; 0: not at all
  penalty=typical  typical: no cost where 95 % of the prior's draws are; likely: -log p
  features=values  where errors count, beside the values: classifier, random, characteristics,
                   efficientnet
  feature_weight=1 how much they count, as multiples of the values
  label=null       a class, by name or number, or attributes; own: the target's; null: its own
                   where it has one, else the best of all classes; any: the best of all classes
  encoder=false    true: train a small network that guesses latents, and begin there as well
  recovery=false   true: training beside held-out rows, n of each: what is not covered?
  seed=0           the same seed gives the same files
  output=null      a folder; null: RUN/explore
  trust=false      true: let config.yaml name your own classes; it runs their code
writes inversion.png, .csv and .npz; z in the npz are latents to begin walks from
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    target: str = "heldout"
    n: int = 8
    restarts: int = 8
    steps: int = 100
    polish: int = 200
    weight: float = 0.01
    penalty: str = "typical"
    features: str = "values"
    feature_weight: float = 1.0
    label: str | None = None
    encoder: bool = False
    recovery: bool = False
    seed: int = 0
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, invert)


def invert(options: Options) -> None:
    """Invert, write and tell.

    Raises:
        UserError: If a value is out of range, or the target does not suit the run.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load
    from gan_lab.cli.explore.invert_files import tell, tell_recovery, write
    from gan_lab.cli.explore.invert_study import prepare

    generator = load(run, trust=options.trust)
    folder = Path(options.output).expanduser() if options.output else run / "explore"
    with progress("inverting") as told:
        study = prepare(generator, options, run, folder)
        outcome = study.invert(study.targets, told)
        paths = write(study, outcome, folder)
        recovered = study.recover(told) if options.recovery else None
    tell(study, outcome)
    if recovered is not None:
        tell_recovery(recovered)
    for path in paths:
        print(path)


def check(options: Options) -> None:
    """Check the values before anything is loaded.

    Raises:
        UserError: If one is out of range.
    """
    for name, known in (("penalty", PENALTIES), ("features", FEATURES)):
        if getattr(options, name) not in known:
            raise UserError(f"{name}={getattr(options, name)}: expected one of {', '.join(known)}")
    least = {"n": 1, "restarts": 1, "steps": 0, "polish": 0, "seed": 0}
    least |= {"weight": 0, "feature_weight": 0}
    least |= {"n": 2} if options.recovery else {}
    for name, value in least.items():
        if not getattr(options, name) >= value:
            raise UserError(f"{name}={getattr(options, name)}: expected {value} or more")


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on the error stream, told the share that is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(24), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


if __name__ == "__main__":
    sys.exit(main())
