"""`gan-lab explore select`: let the critic choose among samples, and measure what that changes."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.cli.explore.select_study import Study
    from gan_lab.explore.selection.gain import Gain
    from gan_lab.explore.selection.source import Selection
    from gan_lab.metrics.modes import ModeReport

METHODS = ("mh", "drs", "ddls")
CALIBRATIONS = ("isotonic", "logistic")
USAGE = """\
gan-lab explore select: let the critic choose among samples.
usage: gan-lab explore select [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  method=mh         mh: Metropolis-Hastings, one chain per sample
                    drs: rejection sampling
                    ddls: Langevin steps in latent space, up the critic
  n=1000            samples to keep
  steps=100         mh: samples that a chain is shown; ddls: its moves
  percentile=80     drs: from 0 to 100, the larger the stricter; null: as often as the data have it
  step=0.01         ddls: first squared length of a move, which then adapts
  refit=0           steps of further training of the critic against the finished generator first
  calibration=logistic  or isotonic, which bends more; not for ddls
  label=null        one class, by name or number, or attributes; null: as often as data have them
  features=auto     what precision and recall look at, as in gan-lab evaluate
  seed=0            the same seed gives the same samples
  output=null       a folder; null: RUN/explore
  trust=false       true: let the run name your own classes; it runs their code

One half of the held-out rows calibrates the critic, the other half judges the samples. Precision
and recall of real rows stand beside those of the samples before and after.
Writes selected-METHOD.npy, .png, .json and, if no images, .csv.
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    method: str = "mh"
    n: int = 1000
    steps: int = 100
    percentile: float | None = 80.0
    step: float = 0.01
    refit: int = 0
    calibration: str = "logistic"
    label: str | None = None
    features: str = "auto"
    seed: int = 0
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, select)


def select(options: Options) -> None:
    """Calibrate, choose, measure, write.

    Raises:
        UserError: If a value is out of range, or the run has no critic.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab.cli.explore.select_study import (
        before_and_after,
        calibrated,
        chosen,
        modes_of,
        prepare,
        write,
    )

    folder = Path(options.output).expanduser() if options.output else run / "explore"
    study = calibrated(prepare(run, options), options)
    selection = chosen(study, options)
    gain = before_and_after(study, selection, options)
    modes = modes_of(study, selection, options)
    show(study, selection, gain, modes, options)
    facts = {
        **asdict(gain),
        "method": options.method,
        "judged": selection.judged,
        "accepted": selection.accepted,
        "calibration": options.calibration,
        "miscalibration": {"raw": study.raw_z, "calibrated": study.z},
        "refit": options.refit,
        "modes": [asdict(report) for report in modes],
        "seed": options.seed,
    }
    for path in write(study, selection, folder, options, f"{json.dumps(facts, indent=2)}\n"):
        print(path)


def check(options: Options) -> None:
    """Check words and numbers before anything is loaded.

    Raises:
        UserError: If one is wrong.
    """
    if options.method not in METHODS:
        raise UserError(f"method={options.method}: expected one of {', '.join(METHODS)}")
    if options.calibration not in CALIBRATIONS:
        raise UserError(
            f"calibration={options.calibration}: expected one of {', '.join(CALIBRATIONS)}"
        )
    if options.method == "ddls" and options.calibration == "isotonic":
        raise UserError("calibration=isotonic has steps, which method=ddls cannot climb; logistic")
    for name, least in (("n", 20), ("steps", 1), ("seed", 0), ("refit", 0)):
        if getattr(options, name) < least:
            raise UserError(f"{name}={getattr(options, name)}: expected {least} or more")
    if not options.step > 0:
        raise UserError(f"step={options.step}: expected a positive number")


def show(
    study: "Study",
    selection: "Selection",
    gain: "Gain",
    modes: "tuple[ModeReport, ...]",
    options: Options,
) -> None:
    """Print the numbers before and after, beside the floor."""
    from rich.console import Console
    from rich.table import Column, Table

    console = Console(highlight=False)
    columns = (Column(name, justify="right") for name in ("before", "after", "real vs real"))
    table = Table("score", *columns)
    for name in ("precision", "recall", "density", "coverage"):
        values = [getattr(x, name) for x in (gain.before, gain.after, gain.floor)]
        table.add_row(name, *(f"{value:.3f}" for value in values))
    if modes:
        table.add_row("high quality", *(f"{report.high_quality:.3f}" for report in modes))
        table.add_row("modes", *(str(report.covered) for report in modes))
    console.print(table)
    if study.refit_text:
        console.print(study.refit_text)
    console.print(
        f"critic: {options.calibration}, miscalibration z {study.raw_z:+.1f} raw, "
        f"{study.z:+.1f} calibrated"
    )
    console.print(
        f"precision {gain.precision:+.3f}, recall {gain.recall:+.3f}; "
        f"{selection.judged / len(selection.kept):.1f} samples judged for each one kept, "
        f"{100 * selection.accepted:.0f} % accepted; n = {gain.after.n_fake:,} of each"
    )


if __name__ == "__main__":
    sys.exit(main())
