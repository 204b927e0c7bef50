"""TimeGAN's protocol on Sines and Stocks: one recipe, its floors, copies, and a copy test.

Every number is one line of a JSON-lines file; a job whose line is there is not run again, so that
an interrupted run goes on where it stopped. The page is written from the lines alone.

    python scripts/benchmarks/series.py sines stocks=stock_data.csv --results outputs/series
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from gan_lab.cli.build import call, make, make_regularizers, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.data.batches import MemoryLoader, PositionSampler
from gan_lab.data.samples import Samples
from gan_lab.data.split import chronological
from gan_lab.data.synthetic.sines import Sines
from gan_lab.errors import UserError
from gan_lab.metrics.discriminative import discriminative_score
from gan_lab.metrics.neighbours import nearest
from gan_lab.metrics.predictive import predictive_score
from gan_lab.spec import DataSpec

DOCS = Path(__file__).parents[2] / "docs"
WINDOW = 24
RECIPE = [
    "networks=residual1d", "latent=normal", "objectives=rpgan", "regularizers=r1_r2",
    "regularizers.r1.weight=0.05", "regularizers.r2.weight=0.05",
    "regularizers.r1.every=4", "regularizers.r2.every=4", "data.batch_size=128",
    "trainer.accelerator=cpu", "trainer.threads=1",
]  # fmt: skip
PUBLISHED = {
    "sines": {
        "TimeGAN": (0.011, 0.093), "TimeVAE": (0.041, 0.093), "Diffusion-TS": (0.006, 0.093),
    },
    "stocks": {
        "TimeGAN": (0.102, 0.038), "TimeVAE": (0.145, 0.039), "Diffusion-TS": (0.067, 0.036),
    },
}  # fmt: skip


@dataclass(frozen=True)
class WindowSet:
    """Windows `(n, c, 24)` in [0, 1], and fresh ones that are certainly not among them, if any.

    `start` is the first step of each window of one series; None where windows are independent.
    """

    name: str
    x: torch.Tensor
    start: torch.Tensor | None = None
    fresh: torch.Tensor | None = None


def sines(n: int) -> WindowSet:
    """The Sines of TimeGAN's code, and as many from another seed."""
    drawn = [Sines(n=n, data_seed=seed).load() for seed in (0, 1)]
    train, fresh = (rows.spec.to_units(rows.x) for rows in drawn)
    return WindowSet("sines", train, fresh=fresh)


def stocks(path: str, reverse: bool) -> WindowSet:
    """Every window of a CSV file but the last, scaled to [0, 1] over the whole file."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    table = table[::-1].copy() if reverse else table
    low, high = table.min(axis=0), table.max(axis=0)
    scaled = torch.from_numpy((table - low) / (high - low + 1e-7)).float()
    x = scaled.unfold(0, WINDOW, 1)[:-1]
    return WindowSet("stocks", x.contiguous(), start=torch.arange(len(x)))


def floors(data: WindowSet) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What real data score against real data, and what exact copies score."""
    x, half = data.x, len(data.x) // 2
    return {
        "odd / even windows": (x[::2], x[1::2]),
        "first / second half": (x[:half], x[half:]),
        "exact copies": (x, x.clone()),
        "reversed in time": (x, x.flip(2)),
    }


def split(data: WindowSet, kind: str) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Windows to train on and windows to compare with: held-out ones of the same set, or fresh."""
    if kind == "all windows":
        return data.x, data.fresh
    if data.start is None:
        raise UserError(f"{data.name}: its windows are independent; there is no future to hold out")
    if kind == "chronological":
        train, held_out = chronological(data.start, WINDOW, 0.2)
        return data.x[train], data.x[held_out]
    # Blocks of ten windows' length, every fifth held out, less the windows that reach into another.
    block, place = data.start // (10 * WINDOW), data.start % (10 * WINDOW)
    inside = place <= 9 * WINDOW
    return data.x[(block % 5 != 4) & inside], data.x[(block % 5 == 4) & inside]


def train(x: torch.Tensor, *, recipe: list[str], steps: int, seed: int, folder: Path) -> dict:
    """Fit the recipe to windows in [0, 1]; as many samples of its moving average, and the time."""
    config = compose([*RECIPE, *recipe, f"trainer.max_steps={steps}", f"seed={seed}"])
    torch.manual_seed(seed)
    torch.set_num_threads(config.trainer.threads)
    spec = DataSpec(
        "windows",
        "series",
        x.shape[1],
        (x.shape[2],),
        scale=(0.5,),
        offset=(0.5,),
        bounds=(0.0, 1.0),
    )
    rows = Samples(spec.from_units(x), None, spec)
    prior, networks = make(config.latent), make(config.networks)
    critic = call("networks.critic", networks["critic"], spec=spec)
    generator = call("networks.generator", networks["generator"], spec=spec, latent_dim=prior.dim)
    model = call(
        "model", make(config.model), generator=generator, critic=critic, prior=prior, spec=spec,
        objective=make(config.objectives), augment=make(config.augment) or None,
        regularizers=make_regularizers(config, prior, spec.labels, critic),
    )  # fmt: skip
    size = config.data.batch_size
    order = PositionSampler(len(x), size, seed, batches_seen=lambda: model.steps)
    trainer = make_trainer(config.trainer, folder, [make(STOP | {"max_steps": steps})])
    begin = time.perf_counter()
    trainer.fit(model, train_dataloaders=MemoryLoader(rows, order))
    seconds = time.perf_counter() - begin
    z = prior.sample(len(x), torch.Generator().manual_seed(seed + 1))
    made = torch.cat([spec.to_units(model.generate(part)) for part in z.split(500)])
    return {"x": made, "seconds": seconds, "steps": model.steps}


STOP = {"_target_": "gan_lab.callbacks.clock.StopAfter"}


def copy_test(fake: torch.Tensor, train: torch.Tensor, held_out: torch.Tensor) -> dict:
    """Share of windows whose nearest training window is nearer than the nearest held-out one.

    Both sets get the same number of windows, drawn at random. Real windows, half of the held-out
    ones against as many of the others, show what share a faithful generator has.
    """
    rng = torch.Generator().manual_seed(0)
    held_out = held_out[torch.randperm(len(held_out), generator=rng)]
    train = train[torch.randperm(len(train), generator=rng)[: len(held_out)]]
    half = len(held_out) // 2

    def share(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> float:
        count = min(len(a), len(b))
        near = [nearest(x.flatten(1), y[:count].flatten(1)).distance[:, 0] for y in (a, b)]
        return float(((near[0] < near[1]).double() + 0.5 * (near[0] == near[1])).mean())

    return {
        "copy_share": share(fake, train, held_out),
        "copy_share_real": share(held_out[:half], train, held_out[half:]),
    }


def scores(real: torch.Tensor, fake: torch.Tensor, options: argparse.Namespace) -> dict:
    """Both scores of the table, and what no score shows."""
    quick = {"runs": options.runs, "seed": options.seed}
    told = discriminative_score(real, fake, iterations=options.discriminative, **quick)
    forecast = predictive_score(real, fake, iterations=options.predictive, **quick)
    bad = ~fake.isfinite() | (fake < 0) | (fake > 1)
    return {
        "ds": asdict(told), "ps": asdict(forecast), "n_real": len(real), "n_fake": len(fake),
        "bad_windows": int(bad.flatten(1).any(1).sum()),
    }  # fmt: skip


Job = tuple[dict, Callable[[], dict]]


def jobs(data: WindowSet, options: argparse.Namespace) -> Iterator[Job]:
    """What to compute for one set: a key that names the number, and how to get it."""
    measured = {
        "set": data.name, "runs": options.runs, "discriminative": options.discriminative,
        "predictive": options.predictive, "seed": options.seed, "reverse": options.reverse,
        "n": len(data.x),
    }  # fmt: skip
    for name, (real, fake) in floors(data).items():
        yield measured | {"what": name}, lambda r=real, f=fake: scores(r, f, options)
    if data.start is not None:
        yield measured | {"what": "original"}, lambda: scores(data.x, data.x, options)
    kinds = ["all windows"] if data.start is None else ["all windows", "chronological", "blocks"]
    for kind in kinds if options.steps else []:
        key = measured | {"what": kind, "steps": options.steps, "recipe": options.recipe}
        yield key, lambda kind=kind: trained(data, kind, options)


def trained(data: WindowSet, kind: str, options: argparse.Namespace) -> dict:
    """Train on one split and score against the windows of the table: those trained on."""
    real, held_out = split(data, kind)
    folder = options.results / f"{data.name}-{kind.replace(' ', '-')}-{options.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    run = train(real, recipe=options.recipe, steps=options.steps, seed=options.seed, folder=folder)
    fake = run.pop("x")
    torch.save(fake, folder / "samples.pt")
    row = run | scores(real, fake, options)
    if held_out is None:
        return row
    unseen = discriminative_score(
        held_out, fake[: len(held_out)], runs=options.runs, iterations=options.discriminative
    )
    return row | {"ds_held_out": asdict(unseen)} | copy_test(fake, real, held_out)


def complete(sets: list[WindowSet], options: argparse.Namespace) -> list[dict]:
    """Run what the file lacks; the lines of these jobs, in order."""
    path = options.results / "series.jsonl"
    options.results.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    rows = []
    for key, compute in (job for data in sets for job in jobs(data, options)):
        found = next((row for row in known if row["key"] == key), None)
        if found is None:
            found = {"key": key} | compute()
            with path.open("a") as file:
                file.write(json.dumps(found) + "\n")
        print(key["set"], key["what"], f"DS {found['ds']['mean']:.3f}", flush=True)
        rows.append(found)
    return rows


def cell(score: dict | None) -> str:
    """Mean and deviation over the runs."""
    return "" if score is None else f"{score['mean']:.3f} ± {score['std']:.3f}"


def table(name: str, rows: list[dict]) -> list[str]:
    """Markdown lines of one set: published scores, floors, ours."""
    lines = [
        f"## {name.capitalize()}",
        "",
        "| what | DS | PS | DS, held out | nearer to training (real) | time | steps |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {model} (published) | {ds:.3f} | {ps:.3f} | | | | |"
        for model, (ds, ps) in PUBLISHED[name].items()
    ]
    for row in rows:
        label = row["key"]["what"]
        label = f"**gan_lab, {label}**" if "steps" in row else f"real: {label}"
        share = ""
        if "copy_share" in row:
            share = f"{row['copy_share']:.2f} ({row['copy_share_real']:.2f})"
        when = f"{row['seconds'] / 60:.1f} min" if "steps" in row else ""
        lines.append(
            f"| {label} | {cell(row['ds'])} | {cell(row['ps'])} | {cell(row.get('ds_held_out'))} | "
            f"{share} | {when} | {row.get('steps', '')} |"
        )
    return [*lines, ""]


def report(rows: list[dict], options: argparse.Namespace) -> str:
    """The page, as Markdown."""
    order = "reversed, as TimeGAN's loader has it" if options.reverse else "as it is"
    lines = [
        "# Time series: TimeGAN's protocol",
        "",
        f"Windows of {WINDOW} steps at stride 1, min-max over the whole set, the file {order}. DS: "
        "|0.5 - accuracy| of a GRU of half as many units as channels that tells generated from "
        f"real windows, {options.discriminative} iterations; PS: absolute error of such a GRU that "
        f"forecasts real windows after training on generated ones, {options.predictive} "
        f"iterations; batch 128, Adam 1e-3, mean ± deviation of {options.runs} runs. Recipe: "
        f"`{' '.join([*RECIPE, *options.recipe])}`, seed {options.seed}, one thread of a "
        f"{platform.machine()}; torch {torch.__version__}. Written by "
        "`scripts/benchmarks/series.py`.",
        "",
        "Rows named *real* are no models: they are floors, and what copies and reversed time "
        "score. The windows overlap, so that DS rewards copies; two columns do not. *DS, held out* "
        "compares with windows that training never saw; on a chronological split these are of "
        "another time, and *first / second half* shows what that alone costs. *Nearer to training* "
        "is the share of samples whose nearest training window is nearer than the nearest of as "
        "many held-out windows, with the share of real windows beside it: 1 would be copies.",
        "",
    ]
    for name in dict.fromkeys(row["key"]["set"] for row in rows):
        lines += table(name, [row for row in rows if row["key"]["set"] == name])
    return "\n".join(lines)


def read_sets(words: list[str], options: argparse.Namespace) -> list[WindowSet]:
    """The sets that the command line names.

    Raises:
        UserError: If a word is neither `sines` nor `stocks=PATH`.
    """
    sets = []
    for word in words:
        name, _, path = word.partition("=")
        if word == "sines":
            sets.append(sines(options.windows))
        elif name == "stocks" and path:
            sets.append(stocks(path, options.reverse))
        else:
            raise UserError(f"{word!r} is no set; expected sines or stocks=PATH")
    return sets


def main(words: list[str] | None = None) -> None:
    """Compute what is missing, print the page and write it to `docs/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help="sines, stocks=PATH")
    parser.add_argument("--windows", type=int, default=10_000, help="of sines")
    parser.add_argument("--steps", type=int, default=3000, help="of training; 0: floors only")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--discriminative", type=int, default=2000, help="iterations of the GRU")
    parser.add_argument("--predictive", type=int, default=5000, help="iterations of the GRU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reverse", action="store_true", help="read the file from its end")
    parser.add_argument(
        "--recipe", nargs="*", default=[], help="further words, such as data.batch_size=64"
    )
    parser.add_argument("--results", type=Path, default=Path("outputs/series"))
    parser.add_argument("--output", type=Path, default=DOCS / "series.md")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    try:
        rows = complete(read_sets(options.sets, options), options)
    except UserError as error:
        parser.error(str(error))
    text = report(rows, options)
    print(text)
    options.output.write_text(text)


if __name__ == "__main__":
    main()
