"""`gan-lab diagnose`: is a run healthy, and what to change if not?"""

import json as json_format
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from gan_lab.callbacks.health_record import FILE, Record
from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.metrics.health import Diagnosis, Signals, State

USAGE = """\
gan-lab diagnose: say whether a run is healthy, on what evidence, and what to change.
usage: gan-lab diagnose [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  rows=12         rows of the table of signals over time
  json=false      true, or --json: print the verdicts and all signals as JSON

Works while the run goes on and after it was stopped; it reads RUN/health.json.
"""
COLUMNS = {
    "accuracy": "critic right",
    "overfitting": "overfitting",
    "slope": "loss slope",
    "distance": "distance",
    "diversity": "diversity",
    "variety": "variety",
    "duplicates": "twins",
    "movement": "movement",
    "leak": "leak",
    "generator_gradient": "gradient G",
    "critic_gradient": "gradient D",
    "augment_probability": "augment p",
}


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    rows: int = 12
    json: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    words = ["json=true" if w == "--json" else w for w in (sys.argv[1:] if argv is None else argv)]
    return command(words, Options, USAGE, _diagnose)


def find_record(text: str | Path) -> Path:
    """The `health.json` of a run folder; of `latest` or `FOLDER/latest`, the newest below.

    Raises:
        UserError: If there is none.
    """
    path = Path(text).expanduser()
    if (path / FILE).is_file():
        return path / FILE
    if path.name != "latest":
        raise UserError(f"{path} holds no {FILE}; callbacks.health writes it, on by default")
    folder = Path("outputs") if len(path.parts) == 1 else path.parent
    found = sorted(folder.rglob(FILE), key=lambda p: (p.stat().st_mtime_ns, str(p)))
    if not found:
        raise UserError(f"no run with a {FILE} below {folder}; train one first: gan-lab train")
    return found[-1]


def signal_table(history: Sequence[Signals], rows: int) -> Table:
    """Signals over time: evenly spaced ones, the last included, and no column without a number."""
    stride = -(-len(history) // rows)
    shown = history[::-1][::stride][::-1]
    numbers = [signals.numbers() for signals in shown]
    names = [name for name in COLUMNS if any(name in row for row in numbers)]
    table = Table("step", *(Column(COLUMNS[name], justify="right") for name in names))
    for signals, row in zip(shown, numbers, strict=True):
        table.add_row(f"{signals.step:,}", *(_number(row.get(name)) for name in names))
    return table


def layer_table(signals: Signals) -> Table:
    """Gradient, norm and largest singular value of every weight at the last measurement."""
    table = Table(
        "weight", *(Column(c, justify="right") for c in ("gradient", "norm", "singular value"))
    )
    for layer in signals.layers:
        numbers = (layer.gradient, layer.weight, layer.singular)
        table.add_row(f"{layer.network}.{layer.name}", *(_number(v) for v in numbers))
    return table


def show(record: Record, rows: int) -> None:
    """Print verdict, evidence, advice, what came before, and the tables."""
    console = Console(highlight=False)
    latest = record.latest
    assert latest is not None
    colour = {State.HEALTHY: "green", State.TOO_EARLY: "yellow"}.get(latest.state, "red")
    console.print(f"[bold {colour}]{latest.state}[/] at step {latest.step:,}")
    console.print(f"evidence: {latest.evidence}", markup=False)
    if latest.advice:
        console.print(f"try:      {latest.advice}", markup=False)
    if len(record.verdicts) > 1:
        console.print(f"so far:   {_story(record.verdicts)}", markup=False)
    console.print(signal_table(record.history, rows))
    console.print(layer_table(record.history[-1]))


def _story(verdicts: Sequence[Diagnosis]) -> str:
    return ", ".join(f"{v.state} from step {v.step:,}" for v in verdicts)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _diagnose(options: Options) -> None:
    if options.rows < 1:
        raise UserError(f"rows={options.rows}; expected 1 or more")
    path = find_record(options.run)
    record = Record(path)
    if record.latest is None or not record.history:
        raise UserError(f"{path} holds no signals yet; wait for callbacks.health.every steps")
    if options.json:
        print(json_format.dumps({"run": str(path.parent), **record.to_dict()}, indent=2))
    else:
        print(path.parent)
        show(record, options.rows)


if __name__ == "__main__":
    sys.exit(main())
