"""What `gan-lab evaluate` prints: verdicts, scores beside their floors, training."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from gan_lab.cli.judge import verdict_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gan_lab.evaluation.result import Evaluation
    from gan_lab.evaluation.score import Score

COLOURS = {"yes": "green", "mostly": "yellow", "no": "red", "cannot tell": "yellow"}
QUESTIONS = {
    "faithful": "faithful?",
    "covers": "covers?",
    "dynamics": "dynamics kept?",
    "novel": "novel?",
}


def show(evaluation: "Evaluation", training: dict[str, float]) -> None:
    """Print verdicts, scores beside their floors, and what limits them."""
    console = Console(highlight=False)
    for verdict in evaluation.verdicts:
        colour = COLOURS[verdict.answer]
        question = QUESTIONS[verdict.question]
        console.print(f"[bold]{question}[/] [{colour}]{verdict.answer}[/]  {escape(verdict.text)}")
    console.print(score_table(evaluation.scores))
    if "classifier" in evaluation.details:
        console.print(verdict_table(evaluation.details["classifier"]))
    for warning in evaluation.warnings:
        console.print(f"[yellow]note[/]  {escape(warning)}")
    if training:
        console.print(training_table(training))


def score_table(scores: "Sequence[Score]") -> Table:
    """One line a score: the value beside real rows against real rows, half-intervals behind ±."""
    columns = (Column(name, justify="right") for name in ("value", "real vs real", "n"))
    table = Table(Column("score", no_wrap=True), *columns, "")
    for s in scores:
        table.add_row(
            s.name,
            _with_error(s.value, s.interval),
            _with_error(s.floor, s.floor_interval),
            f"{s.receipt.n_fake:,}",
            "" if s.like_real else "worse",
        )
    return table


def training_table(training: dict[str, float]) -> Table:
    """The last logged value of each term."""
    table = Table("training", Column("last value", justify="right"))
    for name, value in training.items():
        table.add_row(escape(name), f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}")
    return table


def _with_error(value: float, interval: tuple[float, float]) -> str:
    half = (interval[1] - interval[0]) / 2
    return f"{value:.3g} ± {half:.2g}" if half > 0 else f"{value:.3g}"
