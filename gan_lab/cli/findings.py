"""What `gan-lab inspect` prints."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

SHOWN_LAGS, WIDE = 3, 100


def show(facts: dict[str, Any]) -> None:
    """Print findings, then one line per channel."""
    console = Console(highlight=False)
    for line in _summary(facts):
        console.print(line, soft_wrap=True, markup=False)
    if facts.get("findings"):
        console.print(findings_table(facts["findings"]))
    if "channels" in facts:
        lags = SHOWN_LAGS if console.width >= WIDE else 1
        console.print(channels_table(facts["channels"], facts.get("missing", {}), lags))
        key = "data.transform=" if facts["kind"] == "table" else "transform "
        console.print(f"suggested: {key}{facts['suggestion']}", markup=False)
    if facts.get("refused"):
        console.print(f"{facts['refused']} findings stand in the way of training; see what to do")


def findings_table(findings: Sequence[dict[str, Any]]) -> Table:
    """What was found, what is done about it, and what else could be."""
    table = Table("found", "what", "action", "what to do")
    for finding in findings:
        refused = finding["action"] == "refused"
        action = "[red]refused[/]" if refused else finding["action"]
        remedy = finding["remedy"] if refused else ""
        table.add_row(finding["kind"], _safe(finding["message"]), action, _safe(remedy))
    return table


def channels_table(channels: dict[str, Any], missing: dict[str, float], lags: int) -> Table:
    """The tests of every channel; columns without news are left out."""
    gaps = any(missing.values())
    seasons = any(channel["period"] for channel in channels.values())
    heads = ["missing"] * gaps + ["ADF p", "KPSS p", "I(d)"]
    heads += [f"ACF {k + 1}" for k in range(lags)] + ["change"] + ["season"] * seasons
    table = Table(
        Column("channel", no_wrap=True),
        "verdict",
        *(Column(head, justify="right") for head in heads),
        "try",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name, c in channels.items():
        cells = [f"{missing.get(name, 0.0):.1%}"] * gaps
        cells += [_number(c["adf_p"], 3), _number(c["kpss_p"], 3), _order(c["order"])]
        cells += [
            _number(v, 2) for v in (*c["autocorrelation"][:lags], c["change_autocorrelation"][0])
        ]
        cells += [str(c["period"] or "-")] * seasons
        table.add_row(_safe(name), c["verdict"], *cells, c["suggestion"])
    return table


def _number(value: float, digits: int) -> str:
    return "-" if value != value else f"{value:.{digits}f}"


def _order(order: int) -> str:
    if order < 0:
        return "-"
    return str(order) if order < 3 else "3+"


def _summary(facts: dict[str, Any]) -> list[str]:
    if facts["kind"] != "table":
        shape = " x ".join(map(str, facts["shape"]))
        lines = [f"{facts['name']}: {facts['train']:,} {facts['kind']} of {shape} for training, "
                 f"{facts['held_out']:,} held out, {facts['duplicates']:,} duplicates"]  # fmt: skip
        counts = facts["classes"]
        return [*lines, *([", ".join(f"{k}: {v:,}" for k, v in counts.items())] if counts else [])]
    series = len(facts["series"])
    dates = facts["dates"]
    when = "no dates" if dates is None else f"{dates['first']} to {dates['last']}"
    step = "" if dates is None else f", step {dates['step'] or 'irregular'}"
    return [f"{facts['name']}: {facts['rows']:,} rows in {series:,} series, {when}{step}"]


def _safe(text: str) -> str:
    """Square brackets are markup to rich."""
    return text.replace("[", r"\[")
