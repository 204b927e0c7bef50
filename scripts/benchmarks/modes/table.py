"""The document, made from the file of records alone."""

import statistics
from collections.abc import Sequence

from jobs import Record
from recipes import BOARDS, Board, Published, methods_for

TITLE = """# Mode coverage

Written by `scripts/benchmarks/modes` from its file of results: every number in the tables of
methods was measured by it and is the mean ± standard deviation over the seeds. All methods of a
table share networks, batch, number of generator steps and optimizer, except for the words below
the table (WGAN-GP takes five critic steps, and so five batches, a generator step). These settings
were chosen for the default recipe, RpGAN with R1 and R2, and no other method was tuned: a row says
what changes with those words, not what a method can reach. `raw` is the generator as it is trained,
`average` its moving average; both get the same latents. CPU seconds are those of training alone.
"""
RADIUS = """A sample is of high quality within three standard deviations ({radius:g}) of the nearest
mode, and one such sample covers the mode. KL is the divergence of the shares of the modes among
samples of high quality from the uniform distribution, in nats. A seed is scored on {draws} disjoint
draws of {n:,} samples; its score is their mean.
"""
JUDGE = """The mode is the triple of digits that a classifier reads in the three colours. It learns
from the grey digits of the training side and is right on {accuracy:.1%} of {held_out:,} held-out
ones; it rejects nothing, so these numbers say nothing of quality. KL is the divergence of the
shares of the modes from the uniform distribution, in nats. A seed is scored on {n:,} samples; the
real rows are stacked from held-out digits.
"""


def document(records: Sequence[Record]) -> str:
    """Markdown of all data sets that have records."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record["data"], record["experiment"]), []).append(record)
    parts = [section(data, name, current(group)) for (data, name), group in groups.items()]
    return "\n".join([TITLE, *parts])


def current(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The records of the newest recipe by method, each seed once, the newest.

    Records that were made with another recipe, or with another form of their method, stay out.
    """
    base = records[-1]["base"]
    alike = [record for record in records if record["base"] == base]
    last = {record["method"]: record["digest"] for record in alike}
    kept: dict[str, dict[int, Record]] = {}
    for record in alike:
        if record["digest"] == last[record["method"]]:
            kept.setdefault(record["method"], {})[record["seed"]] = record
    return {method: [seeds[s] for s in sorted(seeds)] for method, seeds in kept.items()}


def section(data: str, experiment: str, measured: dict[str, list[Record]]) -> str:
    """Protocol, table, settings and published rows of one data set."""
    board = BOARDS[data]
    methods = {k: m for k, m in methods_for(board).items() if k in measured}
    rows = [row for k, m in methods.items() for row in rows_of(board, m.title, measured[k])]
    lines = [
        f"## data={data}, experiment={experiment}",
        "",
        protocol(board, next(iter(measured.values()))[0]),
        header(board),
        *rows,
        "",
        settings(measured),
        "",
        "| method | words on top of the experiment |",
        "|---|---|",
        *(f"| {m.title} | {words(measured[k][0])} |" for k, m in methods.items() if m.words),
        "",
        "Published, with other networks and budgets:",
        "",
        "| method | modes | high quality (%) | KL | source |",
        "|---|---|---|---|---|",
        *map(published_row, board.published),
        "",
        board.note,
        "",
    ]
    return "\n".join(lines)


def protocol(board: Board, record: Record) -> str:
    """How the modes were counted."""
    if board.rejects:
        return RADIUS.format(radius=3 * record["std"], draws=board.draws, n=board.n)
    accuracy, held_out = record["judge_accuracy"], record["judge_held_out"]
    return JUDGE.format(accuracy=accuracy, held_out=held_out, n=board.n)


def header(board: Board) -> str:
    """Names of the columns."""
    names = ["method", "generator", "seeds", f"modes of {board.modes}", "all modes in every draw"]
    names += ["high quality (%)"] if board.rejects else []
    names += ["KL", "CPU s per seed"]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def rows_of(board: Board, title: str, records: Sequence[Record]) -> list[str]:
    """One row for each generator of a method."""
    names = {"real": "-", "raw": "raw", "ema": "average"}
    seconds = [r["cpu_seconds"] for r in records if "cpu_seconds" in r]
    rows = []
    for source in records[0]["scores"]:
        scores = [record["scores"][source] for record in records]
        cells = [
            title,
            names[source],
            str(len(scores)),
            spread([s["modes"] for s in scores], 1 if board.draws == 1 else 2),
            f"{sum(s['complete'] for s in scores)} of {len(scores)}",
        ]
        if board.rejects:
            cells.append(spread([100 * s["high_quality"] for s in scores], 1))
        cells += [spread([s["kl"] for s in scores], 3), spread(seconds, 0)]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def spread(values: Sequence[float | None], digits: int) -> str:
    """Mean ± standard deviation of what is known, and of how many when that is not all."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    text = f"{statistics.mean(known):.{digits}f}"
    if len(known) > 1:
        text += f" ± {statistics.stdev(known):.{digits}f}"
    return text if len(known) == len(values) else f"{text} ({len(known)} of {len(values)})"


def settings(measured: dict[str, list[Record]]) -> str:
    """Steps, batch, threads and machines of the records."""
    trained = [r for group in measured.values() for r in group if "cpu_seconds" in r]
    if not trained:
        return "No method has been trained yet."
    facts = {
        "generator steps": {f"{r['steps']:,}" for r in trained},
        "batch": {str(r["batch_size"]) for r in trained},
        "CPU threads": {str(r["threads"]) for r in trained},
        "device": {r["device"] for r in trained},
        "torch": {r["torch"] for r in trained},
        "pytorch-lightning": {r["lightning"] for r in trained},
    }
    return "; ".join(f"{k}: {', '.join(sorted(v))}" for k, v in facts.items()) + "."


def words(record: Record) -> str:
    """What the method changed, as it stood when it was measured."""
    return " ".join(f"`{w}`" for w in record["method_words"])


def published_row(row: Published) -> str:
    """A row of a paper."""
    cells = [row.method, row.modes, row.high_quality or "-", row.kl or "-", row.source]
    return f"| {' | '.join(cells)} |"
