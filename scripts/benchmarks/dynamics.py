"""Dynamics against a known truth: Granger graph of a VAR, rank of a VECM, facts of returns.

    python scripts/benchmarks/dynamics.py var vecm market --steps 2000 --seeds 0 1

Every row stands beside the same number of fresh real windows. Words after `--words` go to training,
such as networks=tcn. With `--steps 0` only real windows are measured.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from gan_lab.callbacks.clock import StopAfter
from gan_lab.cli.build import build, make, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.data.synthetic.process import Process
from gan_lab.metrics.temporal.cointegration import cointegration
from gan_lab.metrics.temporal.graph import granger_graph
from gan_lab.metrics.temporal.moments import autocorrelation, excess_kurtosis, leverage

WINDOWS = 1000
LAGS = 20
Numbers = dict[str, float]


@dataclass(frozen=True)
class Task:
    """Data, how they are trained on, and what is measured.

    Attributes:
        words: Overrides of the configuration.
        measure: Windows in their own units and the data set, to numbers.
    """

    words: tuple[str, ...]
    measure: Callable[[Tensor, object], Numbers]


def graph_numbers(x: Tensor, data) -> Numbers:
    """F1 of the conditional Granger graph against the true one."""
    # The graph has causes in rows, the truth has them in columns.
    found, truth = granger_graph(x.double(), lag=2).edge.mT, data.truth.granger
    hits = int((found & truth).sum())
    return {"F1": 2 * hits / max(int(found.sum() + truth.sum()), 1), "edges": float(found.sum())}


def rank_numbers(x: Tensor, data) -> Numbers:
    """Share of the windows with any cointegration, and with the true rank, by Johansen."""
    everything = torch.ones(x.shape[1], dtype=torch.bool)
    rank = cointegration(x.double(), integrated=everything).rank
    whole = rank == data.truth.rank
    return {
        "rank >= 1": float((rank >= 1).double().mean()),
        "true rank": float(whole.double().mean()),
    }


def return_numbers(x: Tensor, data) -> Numbers:
    """Facts of the closing returns of both indices, averaged within windows."""
    closes = [i for i, name in enumerate(data.spec.channel_names) if name.endswith("close")]
    r = x[:, closes].double()
    clustering = autocorrelation(r.abs(), LAGS)[..., 1:]
    tails = excess_kurtosis(r.transpose(0, 1).flatten(1)).mean()
    return {
        "ACF abs(r) 1": float(clustering[..., 0].nanmean()),
        "ACF abs(r) 1-20": float(clustering.nanmean()),
        "kurtosis": float(tails),
        "leverage 1-10": float(leverage(r, 10)[..., 1:].nanmean()),
    }


COMMON = ("networks=lstm", "objectives=rpgan", "regularizers=r1_r2", "trainer.threads=1",
          "trainer.accelerator=cpu")  # fmt: skip
TASKS = {
    "var": Task(
        ("data=var", "data.n=10000", "data.window=24", "latent.dim=136",
         "networks.generator.local=5"), graph_numbers,
    ),
    "vecm": Task(
        ("data=vecm", "data.n=5000", "data.window=64", "data.independent=true", "latent.dim=272",
         "networks.generator.local=4"), rank_numbers,
    ),
    "market": Task(
        ("data=market", "data.window=64", "latent.dim=272", "networks.generator.local=4"),
        return_numbers,
    ),
}  # fmt: skip


def fresh(data, n: int) -> dict[str, Tensor]:
    """Real windows in their own units: two further draws of the process, or both parts of a set."""
    if isinstance(data, Process):
        rngs = (torch.Generator().manual_seed(seed) for seed in (101, 102))
        draws = [data.simulate(n, data.window, rng).transpose(1, 2) for rng in rngs]
        return {"real": draws[0], "real again": draws[1]}
    # Windows that do not overlap.
    return {
        "real, training": data.spec.to_window_units(data.train.x[:: data.window]),
        "real, held out": data.spec.to_window_units(data.held_out.x[:: data.window]),
    }


def trained(task: Task, steps: int, seed: int, words: Sequence[str]) -> tuple[object, Tensor]:
    """The data set and windows of the averaged generator, in their own units."""
    every = [*COMMON, *task.words, *words, f"seed={seed}", f"trainer.max_steps={max(steps, 1)}"]
    config = compose(every)
    parts = build(config)
    if steps:
        with tempfile.TemporaryDirectory() as folder:
            trainer = make_trainer(config.trainer, Path(folder), [StopAfter(steps)])
            trainer.fit(parts.model, datamodule=parts.data)
    z = parts.prior.sample(WINDOWS, torch.Generator().manual_seed(seed + 1))
    made = torch.cat([parts.model.generate(part) for part in z.split(250)])
    return parts.data, parts.data.spec.to_window_units(made)


def rows(name: str, options: argparse.Namespace) -> list[tuple[str, Numbers]]:
    """What is measured on one task: real windows first, then every seed."""
    task = TASKS[name]
    data = make(compose([*COMMON, *task.words]).data)
    data.setup()
    found = [(what, task.measure(x, data)) for what, x in fresh(data, WINDOWS).items()]
    for seed in options.seeds if options.steps else []:
        data, x = trained(task, options.steps, seed, options.words)
        found.append((f"gan_lab, {options.steps} steps, seed {seed}", task.measure(x, data)))
    return found


def table(name: str, found: list[tuple[str, Numbers]]) -> list[str]:
    """Markdown lines."""
    columns = list(found[0][1])
    lines = [
        f"## {name}",
        "",
        f"| windows | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    lines += [
        f"| {what} | {' | '.join(f'{numbers[c]:.3f}' for c in columns)} |"
        for what, numbers in found
    ]
    return [*lines, ""]


def main(words: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="+", choices=TASKS)
    parser.add_argument("--steps", type=int, default=2000, help="of training; 0: real rows alone")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--words", nargs="*", default=[], help="further words for training")
    parser.add_argument("--output", type=Path, default=None, help="a Markdown file")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    lines = [line for name in options.tasks for line in table(name, rows(name, options))]
    print("\n".join(lines))
    if options.output is not None:
        options.output.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
