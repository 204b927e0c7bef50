"""`gan-lab evaluate`: is a generator faithful, does it cover, is it novel?"""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gan_lab.atomic import write_atomically
from gan_lab.cli.arguments import command
from gan_lab.cli.scores import show
from gan_lab.errors import UserError
from gan_lab.export.folder import read_file
from gan_lab.export.node import build
from gan_lab.export.plain import from_yaml
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.data import DataModule
    from gan_lab.evaluation.membership import Critic
    from gan_lab.evaluation.sets import Sets
    from gan_lab.export.portable import PortableGenerator

USAGE = """\
gan-lab evaluate: is a generator faithful, does it cover the data, keep their dynamics, copy them?
usage: gan-lab evaluate [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  n=2000          samples to score
  seed=0          seed of the samples, the classifier and the halves of the data
  weights=ema     raw: the last weights instead of their average
  features=auto   classifier, random, flatten or efficientnet: what the scores look at
  samples=null    a folder of images, or .npy, .npz or .csv: samples that any tool has made
  data=null       with samples=: a choice of data, such as mnist5k; null: the data of RUN
  scores=null     costly ones besides: discriminative and predictive (series), trained_on_samples
                  (labels), recovery (unconditional generators), or all that suit
  fail_below=null limits such as precision:0.7,frechet:20: exit code 1 if a score is worse
  junit=null      a file: verdicts and limits as JUnit XML, which CI servers show
  latent=false    true: a still page of the latent space, latent.html, that the report links to
  output=null     a folder; null: RUN, or SAMPLES_evaluation
  trust=false     true: let config.yaml name your own classes; it runs their code

Every score stands beside the same score of real rows against real rows, as many of each.
Writes evaluation.json, evaluation.png and report.html.
"""
LATENT = "latent.html"
DATA_PACKAGES = ("gan_lab.data", "gan_lab.transforms")


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    n: int = 2000
    seed: int = 0
    weights: str = "ema"
    features: str = "auto"
    samples: str | None = None
    data: str | None = None
    scores: str | None = None
    fail_below: str | None = None
    junit: str | None = None
    latent: bool = False
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 if a limit is not kept, or 2 for a mistake."""
    failed: list[str] = []
    code = command(argv, Options, USAGE, lambda options: failed.extend(_work(options)))
    for sentence in failed:
        print(f"failed: {sentence}", file=sys.stderr)
    return code or int(bool(failed))


def _work(options: Options) -> list[str]:
    """Evaluate, write, show; returns what is not good enough."""
    from gan_lab.evaluation.thresholds import failures, parse_limits

    limits = parse_limits(options.fail_below)
    costly = [name.strip() for name in (options.scores or "").strip("[] ").split(",") if name]
    if options.n < 1 or options.seed < 0:
        raise UserError(
            f"n={options.n}, seed={options.seed}: expected n of 1 or more and seed of 0 or more"
        )
    run = find_run(options.run) if options.samples is None or options.data is None else None
    folder = _folder(options, run)
    start = time.perf_counter()
    with _progress(len(costly)) as tell:
        sets, generator = _sets(options, run, tell)
        from gan_lab.evaluation.evaluate import evaluate_sets

        critic = None if options.samples is not None else critic_of(run, trust=options.trust)
        evaluation = evaluate_sets(
            sets,
            features=options.features,
            tell=tell,
            critic=critic,
            costly=costly,
            generator=generator,
        )
        tell("pictures")
        seconds = time.perf_counter() - start
        training = {} if run is None else last_terms(run)
        content = {**evaluation.to_dict(), "training": training, "seconds": round(seconds, 1)}
        write_atomically(folder / "evaluation.json", f"{json.dumps(content, indent=2)}\n".encode())
        draw_picture(sets, folder / "evaluation.png")
        from gan_lab.report import write_report

        latent = _latent_page(options, run, folder) if generator is not None else ""
        write_report(folder / "report.html", evaluation, sets, run, latent)
    show(evaluation, training)
    for name in ("evaluation.json", "evaluation.png", "report.html"):
        print(folder / name)
    if options.junit is not None:
        from gan_lab.evaluation.junit import junit_xml

        path = Path(options.junit).expanduser()
        write_atomically(path, junit_xml(evaluation, limits, seconds))
        print(path)
    return failures(evaluation, limits)


def _folder(options: Options, run: Path | None) -> Path:
    if options.output is not None:
        return Path(options.output).expanduser()
    if options.samples is not None:
        path = Path(options.samples).expanduser()
        return path.with_name(f"{path.stem}_evaluation")
    assert run is not None
    return run


def _sets(
    options: Options, run: Path | None, tell: Callable[[str], None]
) -> "tuple[Sets, PortableGenerator | None]":
    """The samples beside the data, from a run or from files; of a run, the generator too."""
    from gan_lab import load
    from gan_lab.evaluation.drawn import drawn, with_weights
    from gan_lab.evaluation.samples_file import read_samples
    from gan_lab.evaluation.sets import gather

    tell("samples")
    if options.data is not None and options.samples is None:
        raise UserError(f"data={options.data} goes with samples=; a run knows its own data")
    if options.data is not None:
        data = named_data(options.data)
    else:
        assert run is not None
        data = data_of(run, trust=options.trust)
    data.setup()
    if options.samples is not None:
        path = Path(options.samples).expanduser()
        fake = read_samples(path, data.spec)
        sets = gather(
            fake, data, name=path.stem, weights="samples", seed=options.seed, most=options.n
        )
        return sets, None
    assert run is not None
    generator = with_weights(
        load(run, trust=options.trust), run, options.weights, trust=options.trust
    )
    if generator.spec.shape != data.spec.shape:
        raise UserError(
            f"the generator makes {generator.spec.shape}, but {data.spec.name} holds "
            f"{data.spec.shape}; evaluate it on the data it was trained on"
        )
    fake = drawn(generator, data.train, options.n, options.seed)
    sets = gather(
        fake,
        data,
        name=f"{run.absolute().parent.name}/{run.name}",
        weights=options.weights,
        seed=options.seed,
        most=options.n,
    )
    return sets, generator


def draw_picture(sets: "Sets", path: Path) -> None:
    """A picture of samples; of series and points, beside real ones."""
    from gan_lab.render.samples import render_samples

    n = 2000 if sets.spec.modality == "points" else 64
    reference = None if sets.spec.modality == "images" else sets.real.x[:n]
    try:
        render_samples(sets.fake.x[:n], sets.spec, reference=reference).save(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def data_of(run: Path, *, trust: bool = False) -> "DataModule":
    """The data that a run was trained on.

    Raises:
        UserError: If the run's configuration is missing, damaged or names a foreign class.
    """
    path = run / "config.yaml"
    try:
        config = read_file(path, from_yaml)
    except UserError as error:
        raise UserError(f"{path} says what data the run was trained on, but: {error}") from error
    node = config.get("data") if isinstance(config, dict) else None
    data: DataModule = build(node, trust=trust, where=f"{path}: data", packages=DATA_PACKAGES)
    return data


def critic_of(run: Path | None, *, trust: bool = False) -> "Critic | None":
    """The critic of a run; None where it was not kept, or judges several samples as one."""
    from gan_lab.export.critic import CRITIC_CONFIG, load_critic

    if run is None or not (run / "generator" / CRITIC_CONFIG).is_file():
        return None
    try:
        return load_critic(run, trust=trust).logits
    except UserError as error:
        print(f"note: critic membership is not measured: {error}", file=sys.stderr)
        return None


def named_data(choice: str) -> "DataModule":
    """The data of a choice of the group `data`, with its defaults.

    Raises:
        UserError: If there is no such choice.
    """
    from gan_lab.cli.build import make
    from gan_lab.cli.completion import choices
    from gan_lab.cli.compose import compose

    if choice not in choices("data"):
        raise UserError(f"data={choice}: expected one of {', '.join(choices('data'))}")
    data: DataModule = make(compose([f"data={choice}"]).data)
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


def _latent_page(options: Options, run: Path | None, folder: Path) -> str:
    """Write the still page of the latent space if asked; its name, or nothing."""
    if not options.latent or run is None:
        return ""
    from gan_lab.cli.explore import serve

    serve.write_still(serve.Options(seed=options.seed, trust=options.trust), run, folder / LATENT)
    return LATENT


@contextmanager
def _progress(extra: int = 0) -> Iterator[Callable[[str], None]]:
    """A bar on the error stream that moves with every stage."""
    columns: tuple[Any, ...] = (
        BarColumn(24), TextColumn("{task.description}"), TimeElapsedColumn()
    )  # fmt: skip
    console = Console(stderr=True)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        # Samples, the six stages of an evaluation, and pictures; costly scores come on top.
        task = bar.add_task("data", total=8 + extra)
        first = True

        def tell(stage: str) -> None:
            nonlocal first
            bar.update(task, description=stage, advance=0 if first else 1)
            first = False

        yield tell


if __name__ == "__main__":
    sys.exit(main())
