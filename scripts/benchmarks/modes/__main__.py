r"""Mode coverage of training methods, after PacGAN's protocol; writes `docs/modes.md`.

    python scripts/benchmarks/modes data=grid seeds=0..9 methods=all workers=2
    python scripts/benchmarks/modes data=ring methods=rpgan_r1_r2,ns
    python scripts/benchmarks/modes data=stacked_mnist seeds=0,1,2 methods=ns,rpgan_r1_r2
    python scripts/benchmarks/modes data=grid --list          (the methods and their words)
    python scripts/benchmarks/modes --table-only

Each method is a list of words on top of an experiment (`recipes.py`). Every other word goes to all
methods, such as `trainer.max_steps=100`; `experiment=NAME` starts from another recipe. A seed is
one line of `results=FILE` (outputs/modes.jsonl), written when it is done: a benchmark that was
interrupted goes on where it stopped, and what was measured with the same settings is not measured
again. The table is made from that file alone. Each of the `workers` is a process of one thread.

The same runs without this scoring, but with checkpoints, TensorBoard and pictures, are a sweep of
the product itself:

    gan-lab train experiment=gaussians_mlp --multirun seed=0,1,2 objectives=rpgan,hinge
    gan-lab train experiment=gaussians_mlp --multirun seed=0,1,2 objectives=non_saturating \
        regularizers=none model.pack=1,2
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from jobs import Job, Record, append, jobs, read  # noqa: E402
from recipes import BOARDS, chosen, methods_for, whole_numbers  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import (  # noqa: E402
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from table import document  # noqa: E402
from training import run_job  # noqa: E402

from gan_lab.cli import messages  # noqa: E402
from gan_lab.errors import UserError  # noqa: E402

DOCS = Path(__file__).parents[3] / "docs"
FLAGS = ("--table-only", "--list", "--help", "-h")


@dataclass(frozen=True)
class Options:
    """What the words on the command line say.

    Attributes:
        data: Word of the data set.
        experiment: The recipe that all methods start from.
        seeds: Seeds of the runs.
        methods: Words of the methods.
        results: File of records.
        output: The document.
        workers: Processes at a time.
        words: Overrides for all methods.
        flags: Words that begin with a dash.
    """

    data: str
    experiment: str
    seeds: tuple[int, ...]
    methods: tuple[str, ...]
    results: Path
    output: Path
    workers: int
    words: tuple[str, ...]
    flags: tuple[str, ...]


def options(argv: Sequence[str]) -> Options:
    """Read `key=value` words and flags.

    Raises:
        UserError: If a word cannot be read.
    """
    flags = tuple(word for word in argv if word.startswith("-"))
    if unknown := [flag for flag in flags if flag not in FLAGS]:
        raise UserError(f"there is no {unknown[0]}; expected KEY=VALUE, or of {', '.join(FLAGS)}")
    given = {"data": "grid", "seeds": "0..9", "methods": "all", "workers": "1"}
    given |= {"experiment": "", "results": "outputs/modes.jsonl", "output": str(DOCS / "modes.md")}
    words = []
    for word in (w for w in argv if w not in flags):
        key, sign, value = word.partition("=")
        if not sign:
            raise UserError(f"cannot read {word!r}; expected KEY=VALUE, such as data=ring")
        if key in given:
            given[key] = value
        else:
            words.append(word)
    data = given["data"]
    if data not in BOARDS:
        raise UserError(f"data is {data!r}; expected one of: {', '.join(BOARDS)}")
    board = BOARDS[data]
    if not given["workers"].isdigit() or int(given["workers"]) < 1:
        raise UserError(f"workers is {given['workers']}; expected a number of 1 or more")
    return Options(
        data=data,
        experiment=given["experiment"] or board.experiment,
        seeds=tuple(whole_numbers(given["seeds"])),
        methods=tuple(chosen(given["methods"], list(methods_for(board)), "methods")),
        results=Path(given["results"]),
        output=Path(given["output"]),
        workers=int(given["workers"]),
        words=tuple(words),
        flags=flags,
    )


def missing(wanted: Options) -> list[Job]:
    """The jobs that have no record yet."""
    known = methods_for(BOARDS[wanted.data])
    methods = {name: known[name] for name in wanted.methods}
    every = jobs(wanted.data, wanted.experiment, methods, wanted.seeds, wanted.words)
    records = read(wanted.results)
    return [job for job in every if not any(job.is_answered_by(record) for record in records)]


def work(todo: Sequence[Job], wanted: Options, console: Console) -> None:
    """Run the jobs in processes of their own; each record is on the disk as soon as it is there."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    columns += [TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()]
    spawn = multiprocessing.get_context("spawn")
    # Ctrl-C ends a worker at once: Lightning would otherwise catch it and go on to the scoring.
    start = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_DFL)}
    with (
        ProcessPoolExecutor(wanted.workers, mp_context=spawn, **start) as pool,
        Progress(*columns, console=console) as progress,
    ):
        bar = progress.add_task(f"{wanted.data}, {wanted.workers} worker(s)", total=len(todo))
        futures = [pool.submit(run_job, job) for job in todo]
        try:
            for future in as_completed(futures):
                append(wanted.results, future.result())
                progress.console.print(line(future.result()), highlight=False, soft_wrap=True)
                progress.advance(bar)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def line(record: Record) -> str:
    """One finished seed in a line."""
    parts = []
    for source, s in record["scores"].items():
        share = "" if s["high_quality"] is None else f", {s['high_quality']:.1%} at a mode"
        kl = "none" if s["kl"] is None else f"{s['kl']:.3f}"
        parts.append(f"{source} {s['modes']:.1f} modes{share}, KL {kl}")
    seconds = f"{record['cpu_seconds']:.0f} CPU s" if "cpu_seconds" in record else "no training"
    return f"{record['method']} seed {record['seed']}: {'; '.join(parts)}; {seconds}"


def main(argv: Sequence[str]) -> int:
    """Measure what is missing, then write the table; 2 for a mistake in the words."""
    console = Console()
    try:
        wanted = options(argv)
        if {"--help", "-h"} & set(wanted.flags):
            print(__doc__)
            return 0
        if "--list" in wanted.flags:
            for name, method in methods_for(BOARDS[wanted.data]).items():
                print(f"{name:12} {method.title}: {' '.join(method.words or ()) or '-'}")
            return 0
        if "--table-only" not in wanted.flags:
            todo = missing(wanted)
            console.print(f"{len(todo)} runs to make; results in {wanted.results}")
            work(todo, wanted, console)
        records = read(wanted.results)
        if not records:
            raise UserError(f"{wanted.results} holds no results yet; run without --table-only")
        wanted.output.write_text(document(records))
        console.print(f"wrote {wanted.output}")
    except messages.Readable as error:
        return messages.report(error, argv)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from there", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
