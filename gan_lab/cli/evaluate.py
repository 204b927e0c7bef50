"""`gan-lab evaluate`: put numbers on a run."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.table import Column, Table

from gan_lab.atomic import write_atomically
from gan_lab.cli.arguments import command
from gan_lab.cli.judge import judge, verdict_table
from gan_lab.errors import UserError
from gan_lab.export.node import build
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.data import DataModule
    from gan_lab.export.portable import PortableGenerator

USAGE = """\
gan-lab evaluate: score a run.
usage: gan-lab evaluate [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  n=2000          samples to score
  seed=0          seed of the samples and of the classifier that judges them
  trust=false     true: let config.yaml name your own classes; it runs their code

For data with classes a small classifier is trained on the training rows and asked how many samples
are clear; the same question about held-out real rows stands beside it.
Writes RUN/evaluation.json and RUN/evaluation.png.
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    n: int = 2000
    seed: int = 0
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, _evaluate_and_print)


def evaluate(run: Path, *, n: int = 2000, seed: int = 0, trust: bool = False) -> dict[str, Any]:
    """Scores of a run by name; the picture of its samples is written to `evaluation.png`.

    Args:
        run: Run folder.
        n: Number of samples to score.
        seed: Seed of the samples and of the classifier.
        trust: Whether the run may name classes outside gan_lab.

    Raises:
        UserError: If the run cannot be read, or a number is out of range.
    """
    from gan_lab import load

    if n < 1 or seed < 0:
        raise UserError(f"n={n}, seed={seed}: expected n of 1 or more and seed of 0 or more")
    generator = load(run, trust=trust)
    draw_picture(generator, run / "evaluation.png", seed)
    scores: dict[str, Any] = {"training": last_terms(run)}
    if generator.spec.classes:
        verdict = judge(generator, data_of(run, trust=trust), n=n, seed=seed)
        scores["classifier"] = verdict.to_dict()
    return scores


def draw_picture(generator: "PortableGenerator", path: Path, seed: int) -> None:
    """A picture of samples, all classes in turn."""
    from gan_lab.cli.sample import Drawn, labels_of, write_png

    n = 2000 if generator.spec.modality == "points" else 64
    x = generator.sample(n, seed=seed, label=labels_of(generator, n, 0, None)).cpu().numpy()
    write_png(path, Drawn(x, None, generator.spec))


def data_of(run: Path, *, trust: bool = False) -> "DataModule":
    """The data that a run was trained on.

    Raises:
        UserError: If the run's configuration is missing, damaged or names a foreign class.
    """
    path = run / "config.yaml"
    try:
        config = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UserError(f"{path} says what data the run was trained on, but: {error}") from error
    node = config.get("data") if isinstance(config, dict) else None
    data: DataModule = build(node, trust=trust, where=f"{path}: data", packages=("gan_lab.data",))
    return data


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
    console = Console(highlight=False)
    table = Table("training", Column("last value", justify="right"))
    for name, value in scores["training"].items():
        table.add_row(name, f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}")
    console.print(table)
    if "classifier" in scores:
        console.print(verdict_table(scores["classifier"]))


def _evaluate_and_print(options: Options) -> None:
    run = find_run(options.run)
    console = Console(stderr=True)
    with console.status("drawing samples, training the classifier that judges them"):
        scores = evaluate(run, n=options.n, seed=options.seed, trust=options.trust)
    write_atomically(run / "evaluation.json", f"{json.dumps(scores, indent=2)}\n".encode())
    show(scores)
    for name in ("evaluation.json", "evaluation.png", "samples", "generator", "tensorboard"):
        if (run / name).exists():
            print(run / name)


if __name__ == "__main__":
    sys.exit(main())
