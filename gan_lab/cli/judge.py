"""The classifier's view of samples beside its view of held-out real rows, as a table."""

from typing import Any

from rich.table import Column, Table

WHAT = ("samples", "held-out real rows")


def verdict_table(verdict: dict[str, Any]) -> Table:
    """Samples beside held-out real rows, from the details of an evaluation."""
    pair = (verdict["samples"], verdict["held_out"])
    table = Table(
        f"classifier ({verdict['accuracy']:.1%} right on held-out rows)",
        *(Column(f"{r['n']:,} {w}", justify="right") for r, w in zip(pair, WHAT, strict=True)),
    )
    table.add_row(
        f"confident (p >= {pair[0]['threshold']:g})", *(f"{r['confident']:.1%}" for r in pair)
    )
    table.add_row("classified as labelled", *(share(r["agreement"]) for r in pair))
    rarest = [min(zip(r["shares"], verdict["classes"], strict=True)) for r in pair]
    table.add_row("rarest class", *(f"{share(part)} ({name})" for part, name in rarest))
    return table


def share(value: float | None) -> str:
    """A share in per cent, or a dash where there is none.

    >>> share(0.5), share(None)
    ('50.0%', '-')
    """
    return "-" if value is None else f"{value:.1%}"
