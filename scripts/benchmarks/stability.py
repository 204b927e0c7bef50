"""Does the default recipe collapse or diverge? Many seeds of points, digits and series.

A run **diverges** if a loss, a penalty or a gradient is not finite at any step. It has
**collapsed** if at its end

* a mode of the points got less than a quarter of its share of 2,000 samples (within three standard
  deviations), or
* the mean distance between two samples (of one class, where there are classes) is less than half of
  that between two held-out rows.

    python scripts/benchmarks/stability.py --seeds 20

Each run is a line of `--results`, written when it is over: a benchmark that was interrupted goes on
where it stopped, and several may share the file, each with experiments of its own.
"""

import argparse
import hashlib
import json
import math
import os
import platform
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gan_lab.callbacks.clock import ClockCallback, StopAfter
from gan_lab.callbacks.finite import FiniteSteps
from gan_lab.callbacks.sheets import generate
from gan_lab.cli.build import Parts, build, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.cli.threads import set_threads
from gan_lab.errors import UserError
from gan_lab.metrics.modes import mode_report
from gan_lab.metrics.sliced_wasserstein import sliced_wasserstein

DOCS = Path(__file__).parents[2] / "docs"
EXPERIMENTS = ("ring_mlp", "digits8_mlp", "market_cnn1d")
SAMPLES = 2000
LEAST_SHARE = 0.25
LEAST_SPREAD = 0.5


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    Attributes:
        recipe: Digest of the configuration, less the seed.
        diverged: What was not finite, in words; empty where all was.
        rarest: Smallest share of a mode, times the number of modes; NaN: modes are not known.
        spread: Mean distance of two samples over that of two held-out rows, of the worst class.
        ratio: Sliced Wasserstein distance to held-out rows over that of training rows.
    """

    experiment: str
    recipe: str
    seed: int
    diverged: str
    rarest: float
    spread: float
    ratio: float
    cpu_seconds: float

    @property
    def collapsed(self) -> bool:
        """Whether a mode or the spread is lost."""
        return self.rarest < LEAST_SHARE or not self.spread >= LEAST_SPREAD


class Advance(ClockCallback):
    """Move a progress bar."""

    def __init__(self, progress: Progress, task) -> None:
        self.progress, self.task = progress, task

    def step(self, trainer, model) -> None:
        """One generator step more."""
        self.progress.advance(self.task)


def spread(x: torch.Tensor, label: torch.Tensor | None, classes: int) -> list[float]:
    """Mean distance of two rows, of every class."""
    flat = x.flatten(1).double()
    groups = [flat] if not classes else [flat[label == k] for k in range(classes)]
    return [torch.pdist(group).mean().item() for group in groups]


def judge(
    parts: Parts, experiment: str, recipe: str, seed: int, diverged: str, seconds: float
) -> Outcome:
    """Measure the averaged generator against held-out rows."""
    model, data, rng = parts.model, parts.data, torch.Generator().manual_seed(0)
    rows = torch.randperm(len(data.held_out), generator=rng)[:SAMPLES]
    held_out = data.held_out.select(rows)
    train = data.train.select(torch.randperm(len(data.train), generator=rng)[: len(rows)])
    fake = generate(model, parts.prior.sample(len(rows), rng), held_out.label)
    classes = model.spec.num_classes
    pairs = zip(
        spread(fake, held_out.label, classes),
        spread(held_out.x, held_out.label, classes),
        strict=True,
    )
    far, near = (
        sliced_wasserstein(
            x[: len(rows)], held_out.x[: len(x)], rng=torch.Generator().manual_seed(1)
        )
        for x in (fake, train.x)
    )
    rarest, modes = math.nan, getattr(data, "modes", None)
    if modes is not None:
        found = mode_report(model.spec.to_units(fake), modes, data.std)
        rarest = min(found.counts) / found.n * len(modes)
    return Outcome(
        experiment, recipe, seed, diverged, rarest, min(a / b for a, b in pairs), far / near,
        seconds,
    )  # fmt: skip


def config_of(experiment: str, seed: int, steps: int | None) -> DictConfig:
    """The recipe as it is, but for the number of steps where one is given."""
    words = [f"experiment={experiment}", f"seed={seed}", "trainer.threads=1"]
    return compose([*words, f"trainer.max_steps={steps}"] if steps else words)


def digest(config: DictConfig) -> str:
    """Twelve digits of the SHA-256 of a configuration, less what only watches."""
    parts = OmegaConf.to_container(config, resolve=True)
    assert isinstance(parts, dict)
    kept = {k: v for k, v in parts.items() if k not in ("seed", "callbacks", "output")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:12]


def recipe_of(experiment: str, options: argparse.Namespace) -> str:
    """The digest that all seeds of an experiment share."""
    return digest(config_of(experiment, 0, options.steps))


def kept(file: Path, experiments: list[str], options: argparse.Namespace) -> list[Outcome]:
    """What is known already of these recipes and seeds."""
    lines = file.read_text().splitlines() if file.exists() else []
    recipes = {e: recipe_of(e, options) for e in experiments}
    seeds = range(options.first, options.first + options.seeds)
    outcomes = [Outcome(**json.loads(line)) for line in lines]
    return [o for o in outcomes if o.recipe == recipes.get(o.experiment) and o.seed in seeds]


def play(experiment: str, seed: int, options: argparse.Namespace, progress: Progress) -> Outcome:
    """One run, from start to verdict."""
    config = config_of(experiment, seed, options.steps)
    parts = build(config)
    steps = config.trainer.max_steps
    task = progress.add_task(f"{experiment}, seed {seed}", total=steps)
    start, diverged = time.process_time(), ""
    with tempfile.TemporaryDirectory() as scratch:
        callbacks = [FiniteSteps(), Advance(progress, task), StopAfter(steps)]
        trainer = make_trainer(config.trainer, Path(scratch), callbacks)
        try:
            trainer.fit(parts.model, datamodule=parts.data)
        except UserError as error:
            diverged = str(error)
    progress.remove_task(task)
    seconds = time.process_time() - start
    return judge(parts, experiment, recipe_of(experiment, options), seed, diverged, seconds)


HEADER = (
    "experiment", "runs", "diverged", "collapsed", "rarest mode, least", "spread, least",
    "spread, median", "distance / floor, median", "distance / floor, most", "CPU time a run (s)",
)  # fmt: skip


def cells(experiment: str, outcomes: list[Outcome]) -> list[str]:
    """One row of the table."""
    mine = [o for o in outcomes if o.experiment == experiment]
    if not mine:
        return [experiment, "0", *[""] * (len(HEADER) - 2)]
    rarest, spreads, ratios, seconds = (
        torch.tensor([getattr(o, name) for o in mine], dtype=torch.float64)
        for name in ("rarest", "spread", "ratio", "cpu_seconds")
    )
    return [
        experiment,
        str(len(mine)),
        str(sum(bool(o.diverged) for o in mine)),
        str(sum(o.collapsed for o in mine)),
        "" if rarest.isnan().all() else f"{rarest.min():.2f}",
        f"{spreads.min():.2f}",
        f"{spreads.median():.2f}",
        f"{ratios.median():.2f}",
        f"{ratios.max():.2f}",
        f"{seconds.median():.0f}",
    ]


def report(outcomes: list[Outcome], options: argparse.Namespace) -> str:
    """The table and its receipt, as Markdown."""
    rows = [HEADER, ["---"] * len(HEADER), *(cells(e, outcomes) for e in options.experiments)]
    bad = [o for o in outcomes if o.diverged or o.collapsed]
    versions = ", ".join(f"{p} {version(p)}" for p in ("torch", "pytorch-lightning", "numpy"))
    steps = f"{options.steps:,} steps a run" if options.steps else "each for its own steps"
    return "\n".join(
        [
            "# Stability of the default recipe",
            "",
            f"Seeds {options.first} to {options.first + options.seeds - 1}, {steps}; averaged "
            "generator, no truncation, against held-out rows.",
            "Diverged: a loss, a penalty or a gradient that is not finite, at any step. "
            f"Collapsed: a mode with less than {LEAST_SHARE:g} of its share of the samples, or a "
            "spread (mean distance between two samples over that of two held-out rows, of the "
            f"worst class) below {LEAST_SPREAD:g}. Distance: sliced Wasserstein distance to "
            "held-out rows over that of as many training rows.",
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            *(f"- {o.experiment}, seed {o.seed}: {o.diverged or 'collapsed'} ({o})" for o in bad),
            *([""] if bad else []),
            f"{sum(o.cpu_seconds for o in outcomes) / 60:.0f} min of CPU time in all, each run on "
            f"one thread of {os.cpu_count()} shared {platform.machine()} cores; Python "
            f"{platform.python_version()}, {versions}. Written by "
            "`scripts/benchmarks/stability.py`.",
            "",
        ]
    )


def play_all(options: argparse.Namespace, progress: Progress) -> None:
    """Every seed of every experiment that has no line yet; the file grows by each."""
    total = progress.add_task("runs", total=options.seeds * len(options.experiments))
    for seed in range(options.first, options.first + options.seeds):
        for experiment in options.experiments:
            if not any(
                (o.experiment, o.seed) == (experiment, seed)
                for o in kept(options.results, [experiment], options)
            ):
                outcome = play(experiment, seed, options, progress)
                with options.results.open("a") as stream:
                    stream.write(json.dumps(asdict(outcome)) + "\n")
                progress.console.print(outcome)
            progress.advance(total)


def main() -> None:
    """Play all runs, print the table and write it to `docs/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--steps", type=int, default=None, help="instead of each recipe's own")
    parser.add_argument("--experiments", nargs="+", default=list(EXPERIMENTS))
    parser.add_argument("--results", type=Path, default=Path("outputs/stability.jsonl"))
    parser.add_argument("--output", type=Path, default=DOCS / "stability.md")
    parser.add_argument("--table-only", action="store_true", help="from the results alone")
    options = parser.parse_args()
    set_threads(1)
    console = Console(highlight=False)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    if not options.table_only:
        with Progress(console=console) as progress:
            play_all(options, progress)
    outcomes = kept(options.results, options.experiments, options)
    options.output.write_text(report(outcomes, options))
    table = Table(*HEADER)
    for experiment in options.experiments:
        table.add_row(*cells(experiment, outcomes))
    console.print(table)


if __name__ == "__main__":
    main()
