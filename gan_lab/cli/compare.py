"""`gan-lab compare`: runs side by side, best first, like with like."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.evaluation.compare import Comparison
    from gan_lab.evaluation.result import Evaluation

USAGE = """\
gan-lab compare: put evaluated runs side by side, the best first.
usage: gan-lab compare RUN RUN [RUN ...] [key=value ...]

  output=compare.html  the page
  differ=null          fields of the receipts that may differ, such as weights or [weights,n_fake]

A RUN is a run folder or any folder with an evaluation.json: run gan-lab evaluate first. Scores are
compared only if they were measured alike; otherwise the difference is named. A score is significant
if the 95 % intervals of the best and the worst run are apart.
"""
FILE = "evaluation.json"


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = ""
    output: str = "compare.html"
    differ: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    words = list(sys.argv[1:] if argv is None else argv)
    keys = [w for w in words if w.startswith(("output=", "differ=", "-"))]
    runs = [w for w in words if w not in keys]
    return command(keys, Options, USAGE, lambda options: _compare(runs, options))


def read_evaluation(text: str) -> "Evaluation":
    """The evaluation of a run.

    Raises:
        UserError: If it is missing or damaged.
    """
    from gan_lab.evaluation.result import Evaluation

    folder = Path(text).expanduser()
    path = (folder if (folder / FILE).is_file() else find_run(text)) / FILE
    try:
        plain = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing; run: gan-lab evaluate {path.parent}") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}; evaluate the run again") from error
    if not isinstance(plain, dict):
        raise UserError(f"{path} is no evaluation; evaluate the run again")
    return Evaluation.from_dict(plain)


def comparison_table(comparison: "Comparison") -> Table:
    """Scores in rows, runs in columns; what is best, or not clearly worse, is bold."""
    names = (Column(escape(run.name), justify="right") for run in comparison.runs)
    table = Table(Column("score", no_wrap=True), *names, Column("real vs real", justify="right"))
    for line in comparison.lines:
        cells = []
        for cell in line.cells:
            half = (cell.score.interval[1] - cell.score.interval[0]) / 2
            text = f"{cell.score.value:.3g} ± {half:.2g}"
            cells.append(f"[bold]{text}[/]" if cell.best and line.significant else text)
        style = None if line.significant else "dim"
        table.add_row(line.name, *cells, f"{line.cells[0].score.floor:.3g}", style=style)
    table.add_row("scores won", *(str(wins) for wins in comparison.wins), "")
    return table


def _compare(runs: Sequence[str], options: Options) -> None:
    from gan_lab.evaluation.compare import compare
    from gan_lab.report.comparison import write_comparison

    if len(runs) < 2:
        raise UserError("compare: give two or more runs")
    differ = [name.strip() for name in (options.differ or "").strip("[] ").split(",") if name]
    evaluations = _told_apart([read_evaluation(run) for run in runs], runs)
    comparison = compare(evaluations, differ=differ)
    path = Path(options.output).expanduser()
    write_comparison(path, comparison)
    console = Console(highlight=False)
    console.print(comparison_table(comparison))
    print(path)


def _told_apart(evaluations: list["Evaluation"], runs: Sequence[str]) -> list["Evaluation"]:
    """The folders as names where two runs have the same name."""
    if len({e.name for e in evaluations}) == len(evaluations):
        return evaluations
    return [replace(e, name=run) for e, run in zip(evaluations, runs, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
