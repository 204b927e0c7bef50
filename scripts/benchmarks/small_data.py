"""What augmentation does where data are few: `experiment=mnist_dcgan` on 200 digits.

Every arm trains the product's own recipe on the same 200 training digits, 20 of each class. Then

* the Fréchet distance of 1,000 samples of the averaged generator to the 1,000 held-out digits, in
  the features of a classifier that was trained on all 4,000 training digits;
* the critic's held-out gap, (D(train) - D(held-out)) / (D(train) - D(fake)) with means over the 200
  training digits, the held-out ones and 1,000 samples: 0 where the critic knows nothing of its
  training images in particular, 1 where held-out digits look like fakes to it. Once on what the
  critic is shown (augmented), once on plain images.

    python scripts/benchmarks/small_data.py --seeds 0 1 2

Each trained arm is a line of `--results`, written when it is measured, and not trained again.
"""

import argparse
import hashlib
import json
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
from rich.table import Table

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.sheets import generate
from gan_lab.cli.build import Parts, build, make, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.cli.threads import set_threads
from gan_lab.data.batches import MemoryLoader, PositionSampler
from gan_lab.data.samples import Samples
from gan_lab.data.split import stratified
from gan_lab.metrics.features.classifier import ClassifierFeatures
from gan_lab.metrics.frechet import frechet_distance
from gan_lab.model.classifier import FittedClassifier, fit_classifier

DOCS = Path(__file__).parents[2] / "docs"
BLACK = "fill=-1.0"
DIFFAUGMENT = [
    "augment=diffaugment",
    f"augment.transforms.translation.{BLACK}",
    f"augment.transforms.cutout.{BLACK}",
]
MOVES = ("translation", "scale", "rotation")
ARMS = {
    "none": [],
    "diffaugment": DIFFAUGMENT,
    "diffaugment without colour": [*DIFFAUGMENT, "augment.transforms.colour=null"],
    "diffaugment, translation alone": [
        *DIFFAUGMENT,
        "augment.transforms.colour=null",
        "augment.transforms.cutout=null",
    ],
    "ada_translation": [
        "augment=ada_translation",
        *(f"+augment.transforms.{move}.{BLACK}" for move in MOVES),
    ],
}


@dataclass(frozen=True)
class Result:
    """One trained arm; `recipe` is the digest of all that determines it, less the seed."""

    arm: str
    recipe: str
    seed: int
    distance: float
    gap_shown: float
    gap_plain: float
    probability: float
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Judge:
    """The classifier's features and what they say about real digits."""

    fitted: FittedClassifier
    features: ClassifierFeatures
    held_out: torch.Tensor
    floor: float
    copies: float


def few(rows: Samples, n: int) -> Samples:
    """`n` rows, as many of each class; the same ones for every seed."""
    return rows.select(stratified(len(rows), rows.label, n / len(rows), seed=0)[1])


@torch.no_grad()
def features_of(features: ClassifierFeatures, x: torch.Tensor) -> torch.Tensor:
    """Features in parts, `(n, d)`."""
    return torch.cat([features(part) for part in torch.split(x, 250)])


def make_judge(train: Samples, held_out: Samples, cut: Samples, epochs: int) -> Judge:
    """Fit the classifier; the distances of other real digits and of copies tell the scale."""
    fitted = fit_classifier(train, held_out, epochs=epochs)
    features = ClassifierFeatures(fitted.network.body, train.spec.name)
    wanted = features_of(features, held_out.x)
    others = features_of(features, few(train, len(held_out)).x)
    copies = features_of(features, cut.x).repeat(-(-len(held_out) // len(cut)), 1)[: len(held_out)]
    distances = [frechet_distance(x, wanted).distance for x in (others, copies)]
    return Judge(fitted, features, wanted, *distances)


def config_of(arm: str, seed: int, options: argparse.Namespace) -> DictConfig:
    """The recipe, with the arm's augmentation."""
    words = [f"experiment={options.experiment}", f"trainer.max_steps={options.steps}"]
    return compose([*words, f"seed={seed}", "trainer.threads=1", *ARMS[arm]])


def digest(config: DictConfig, options: argparse.Namespace) -> str:
    """Twelve digits of the SHA-256 of a recipe and of how it is judged."""
    parts = OmegaConf.to_container(config, resolve=True)
    assert isinstance(parts, dict)
    kept = {k: v for k, v in parts.items() if k not in ("seed", "callbacks", "output")}
    text = json.dumps([kept, options.images, options.epochs], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def train(config: DictConfig, cut: Samples) -> Parts:
    """One run of the recipe, on the rows `cut` instead of all."""
    parts = build(config)
    sampler = PositionSampler(
        len(cut), config.data.batch_size, config.seed, batches_seen=lambda: parts.model.steps
    )
    with tempfile.TemporaryDirectory() as scratch:
        callbacks = [make(config.callbacks.progress), StopAfter(config.trainer.max_steps)]
        trainer = make_trainer(config.trainer, Path(scratch), callbacks)
        trainer.fit(parts.model, train_dataloaders=MemoryLoader(cut, sampler))
    return parts


@torch.no_grad()
def gap(parts: Parts, cut: Samples, held_out: Samples, *, shown: bool) -> float:
    """The critic's held-out gap, on augmented views or on plain images."""
    model = parts.model
    rng = torch.Generator().manual_seed(2)
    z = parts.prior.sample(len(held_out), rng)
    fake = Samples(generate(model, z, held_out.label, ema=False), held_out.label, held_out.spec)
    means = []
    for rows in (cut, held_out, fake):
        view = model.augment(rows.x, rng) if shown and model.augment is not None else rows.x
        means.append(model.critic(view, rows.label).mean().item())
    real, other, generated = means
    return (real - other) / (real - generated)


def measure(arm: str, recipe: str, config: DictConfig, judge: Judge, cut: Samples) -> Result:
    """Train an arm and measure it."""
    wall, cpu = time.perf_counter(), time.process_time()
    parts = train(config, cut)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    held_out = parts.data.held_out
    z = parts.prior.sample(len(held_out), torch.Generator().manual_seed(1))
    fake = features_of(judge.features, generate(parts.model, z, held_out.label))
    readings = {} if parts.model.augment is None else parts.model.augment.readings()
    return Result(
        arm,
        recipe,
        config.seed,
        frechet_distance(fake, judge.held_out).distance,
        gap(parts, cut, held_out, shown=True),
        gap(parts, cut, held_out, shown=False),
        readings.get("augment/probability", 0.0),
        wall,
        cpu,
    )


HEADER = (
    "arm", "seed", "Fréchet distance", "against none", "gap, as shown", "gap, plain",
    "probability at the end", "CPU time (s)", "wall time (s)",
)  # fmt: skip


def cells(result: Result, base: dict[int, float]) -> list[str]:
    """One row of the table."""
    change = f"{result.distance / base[result.seed] - 1:+.0%}" if result.seed in base else ""
    return [
        result.arm,
        str(result.seed),
        f"{result.distance:.1f}",
        change,
        f"{result.gap_shown:.2f}",
        f"{result.gap_plain:.2f}",
        f"{result.probability:.2f}",
        f"{result.cpu_seconds:.0f}",
        f"{result.seconds:.0f}",
    ]


def report(results: list[Result], judge: Judge, options: argparse.Namespace) -> str:
    """The table and its receipt, as Markdown."""
    base = {r.seed: r.distance for r in results if r.arm == "none"}
    rows = [HEADER, ["---"] * len(HEADER), *(cells(r, base) for r in results)]
    versions = ", ".join(f"{p} {version(p)}" for p in ("torch", "pytorch-lightning", "numpy"))
    return "\n".join(
        [
            f"# Few data: {options.images} digits, with and without augmentation",
            "",
            f"experiment={options.experiment}, {options.steps:,} steps of batch 64 on "
            f"{options.images} training digits; averaged generator, no truncation; "
            f"{len(judge.held_out):,} samples against as many held-out digits. Features: "
            f"{judge.features.name} ({judge.held_out.shape[1]:,} numbers, weights "
            f"{judge.features.digest[:12]}, {judge.fitted.accuracy:.1%} of the held-out digits "
            f"right). For scale: other training digits are at {judge.floor:.1f}, the "
            f"{options.images} training digits copied over and over at {judge.copies:.1f}.",
            "",
            "Gap: (D(train) - D(held-out)) / (D(train) - D(fake)), on what the critic is shown and "
            "on plain images; 0: it knows nothing of its training images in particular; 1: "
            "held-out digits look as bad as fakes.",
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            f"One thread of {os.cpu_count()} shared {platform.machine()} cores; Python "
            f"{platform.python_version()}, {versions}. Written by "
            "`scripts/benchmarks/small_data.py`.",
            "",
        ]
    )


def play(options: argparse.Namespace, judge: Judge, cut: Samples, console: Console) -> list[Result]:
    """The results of all arms and seeds; what the file does not hold is trained and added."""
    lines = options.results.read_text().splitlines() if options.results.exists() else []
    known = {(r.recipe, r.seed): r for r in (Result(**json.loads(line)) for line in lines)}
    results = []
    for seed in options.seeds:
        for arm in options.arms:
            config = config_of(arm, seed, options)
            recipe = digest(config, options)
            if (recipe, seed) not in known:
                console.rule(f"{arm}, seed {seed}")
                known[recipe, seed] = measure(arm, recipe, config, judge, cut)
                with options.results.open("a") as stream:
                    stream.write(json.dumps(asdict(known[recipe, seed])) + "\n")
            results.append(known[recipe, seed])
    return results


def main() -> None:
    """Train every arm, print the table and write it to `docs/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--experiment", default="mnist_dcgan")
    parser.add_argument("--epochs", type=int, default=12, help="of the classifier")
    parser.add_argument("--results", type=Path, default=Path("outputs/small_data.jsonl"))
    parser.add_argument("--output", type=Path, default=DOCS / "small_data.md")
    options = parser.parse_args()
    set_threads(1)
    console = Console(highlight=False)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    data = build(compose([f"experiment={options.experiment}"])).data
    cut = few(data.train, options.images)
    judge = make_judge(data.train, data.held_out, cut, options.epochs)
    results = play(options, judge, cut, console)
    options.output.write_text(report(results, judge, options))
    table = Table(*HEADER)
    base = {r.seed: r.distance for r in results if r.arm == "none"}
    for result in results:
        table.add_row(*cells(result, base))
    console.print(table)


if __name__ == "__main__":
    main()
