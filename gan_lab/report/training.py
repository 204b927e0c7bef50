"""What a run folder says about its training: curves, health, configuration."""

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path

import yaml
from markupsafe import Markup

from gan_lab.errors import UserError
from gan_lab.export.folder import read_file
from gan_lab.export.plain import from_yaml, without_places
from gan_lab.report.charts import Line, line_chart

FIRST = ("loss/critic", "loss/generator", "eval/sliced_wasserstein")
FLOOR = "_floor"
NOT_DRAWN = ("step", "images", "seconds", "health/state")
MOST_CURVES = 9


@dataclass(frozen=True)
class Health:
    """The latest verdict of the monitor, and the states before it."""

    state: str
    evidence: str
    advice: str
    story: str


@dataclass(frozen=True)
class Training:
    """Curves with captions, health and configuration; each may be missing."""

    curves: tuple[tuple[str, Markup], ...] = ()
    health: Health | None = None
    config: str = ""


def training_of(run: Path | None) -> Training:
    """Read `metrics.csv`, `health.json` and `config.yaml` of a run, as far as they are there."""
    if run is None:
        return Training()
    config = run / "config.yaml"
    return Training(
        curves=_curves(run / "metrics.csv"),
        health=_health(run / "health.json"),
        config=_config(config),
    )


def _config(path: Path) -> str:
    """The configuration, without folders that may name a person."""
    try:
        return yaml.safe_dump(without_places(read_file(path, from_yaml)), sort_keys=False)
    except UserError:
        return ""


def _curves(path: Path) -> tuple[tuple[str, Markup], ...]:
    if not path.is_file():
        return ()
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if len(rows) < 2:
        return ()
    columns = {name: [_number(row.get(name)) for row in rows] for name in rows[0]}
    steps = columns.get("step", [])
    names = [n for n in columns if n not in NOT_DRAWN and not n.endswith(FLOOR)]
    names = [n for n in names if sum(map(math.isfinite, columns[n])) > 1]
    names.sort(key=lambda n: (n not in FIRST, n.startswith("health/")))
    return tuple(
        (name, _curve(name, steps, columns[name], columns.get(name + FLOOR)))
        for name in names[:MOST_CURVES]
    )


def _curve(name: str, steps: list[float], y: list[float], floor: list[float] | None) -> Markup:
    known = [k for k, v in enumerate(y) if math.isfinite(v)]
    lines = [Line([y[k] for k in known], "fake")]
    if floor is not None:
        lines.insert(0, Line([floor[k] for k in known], "real"))
    return line_chart(lines, name, x=[steps[k] for k in known])


def _health(path: Path) -> Health | None:
    try:
        plain = json.loads(path.read_text())
        latest = plain["latest"]
        story = ", ".join(f"{v['state']} from step {v['step']:,}" for v in plain["verdicts"])
        return Health(latest["state"], latest["evidence"], latest["advice"], story)
    except (OSError, ValueError, KeyError, TypeError):
        # A report does without: the run may be older than the monitor.
        return None


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
