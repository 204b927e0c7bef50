"""`gan-lab evaluate`: put numbers on a run."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_lab.cli.arguments import command
from gan_lab.cli.runs import find_run

USAGE = """\
gan-lab evaluate: score a run.
usage: gan-lab evaluate [RUN]      RUN: a run folder, or latest (default)

writes RUN/evaluation.json and RUN/evaluation.png
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, _evaluate_and_print)


def evaluate(run: Path) -> dict[str, Any]:
    """Scores of a run by name; the picture of its samples is written to `evaluation.png`.

    Raises:
        gan_lab.errors.UserError: If the run cannot be read.
    """
    from gan_lab import load
    from gan_lab.cli.sample import Drawn, labels_of, write_png

    generator = load(run)
    n = 2000 if generator.spec.modality == "points" else 64
    label = labels_of(generator, n, 0, None)
    x = generator.sample(n, seed=0, label=label).cpu().numpy()
    write_png(run / "evaluation.png", Drawn(x, None, generator.spec))
    return {"training": last_terms(run)}


def last_terms(run: Path) -> dict[str, float]:
    """The last logged value of every term in `metrics.csv`."""
    path = run / "metrics.csv"
    last: dict[str, float] = {}
    if path.is_file():
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                last |= {name: float(text) for name, text in row.items() if name and text}
    return last


def show(scores: dict[str, Any]) -> None:
    """Print one table per family of scores."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for family, values in scores.items():
        table = Table(family, "value", title=None)
        for name, value in values.items():
            table.add_row(name, f"{value:,.4g}" if isinstance(value, float) else str(value))
        console.print(table)


def _evaluate_and_print(options: Options) -> None:
    run = find_run(options.run)
    scores = evaluate(run)
    (run / "evaluation.json").write_text(json.dumps(scores, indent=2) + "\n")
    show(scores)
    for name in ("evaluation.json", "evaluation.png"):
        print(run / name)


if __name__ == "__main__":
    sys.exit(main())
