"""Step time of `gan-lab train` against a bare PyTorch loop of the same nets, batch and objective.

Both sides do the same work a step: one critic and one generator update, R1 and R2 at the same
interval, the moving average, the learning-rate schedule, and a log line (TensorBoard and CSV) every
50 steps. They run in alternating pairs in one process.

    python scripts/benchmarks/overhead.py --pairs 7 --steps 130
"""

import argparse
import csv
import platform
import statistics
import tempfile
import time
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch.nn.functional import softplus
from torch.utils.tensorboard import SummaryWriter

from gan_lab.callbacks.clock import StopAfter
from gan_lab.cli.build import build, make_callbacks, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.cli.threads import set_threads

WARM_UP = 10
DOCS = Path(__file__).parents[2] / "docs"
LOGGING = [f"callbacks.{name}=null" for name in ("sample_grid", "interpolation", "distance")]


class Stopwatch(pl.Callback):
    """Seconds per step between the end of the warm-up and the last step."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.seconds = 0.0

    def on_train_batch_end(self, trainer, module, *_) -> None:
        """Start at the end of the warm-up, stop at the last step."""
        if module.steps == WARM_UP:
            self.seconds = -time.perf_counter()
        elif module.steps == self.steps:
            self.seconds += time.perf_counter()


def framework(config, steps: int, folder: Path) -> float:
    """Seconds per step of the framework."""
    parts = build(config)
    watch = Stopwatch(steps)
    trainer = make_trainer(
        config.trainer, folder, [*make_callbacks(config), watch, StopAfter(steps)]
    )
    trainer.fit(parts.model, datamodule=parts.data)
    return watch.seconds / (steps - WARM_UP)


def bare(config, steps: int, folder: Path) -> float:
    """Seconds per step of a loop written by hand."""
    parts = build(config)
    g, d, average = parts.model.generator, parts.model.critic, parts.model.ema.network
    x, label, batch = parts.data.train.x, parts.data.train.label, config.data.batch_size
    (go, do), dim = parts.model.configure_optimizers(), parts.prior.dim
    schedule = parts.model.rates.lr
    weights = {name: node.weight for name, node in config.regularizers.items()}
    every = config.regularizers.r1.every
    writer = SummaryWriter(folder / "bare")
    table = csv.writer((folder / "bare.csv").open("w"))

    def gradient_norm(samples, labels):
        samples = samples.detach().requires_grad_()
        (slope,) = torch.autograd.grad(d(samples, labels).sum(), samples, create_graph=True)
        return 0.5 * slope.square().flatten(1).sum(1).mean()

    g.train(), d.train()
    order = torch.randperm(len(x))
    for step in range(steps):
        if step == WARM_UP:
            start = time.perf_counter()
        for optimizer in (go, do):
            for group in optimizer.param_groups:
                group["lr"] = group["base_lr"] * schedule(step * batch, step / steps)
        place = step * batch % (len(x) - batch)
        index = order[place : place + batch]
        real, labels = x[index], None if label is None else label[index]
        with torch.no_grad():
            fake = g(torch.randn(batch, dim), labels)
        loss = critic_loss = softplus(d(fake, labels) - d(real, labels)).mean()
        if step % every == 0:
            r1, r2 = gradient_norm(real, labels), gradient_norm(fake, labels)
            loss = loss + every * (weights["r1"] * r1 + weights["r2"] * r2)
        do.zero_grad(set_to_none=True)
        loss.backward()
        do.step()
        d.requires_grad_(False)
        fake_logit = d(g(torch.randn(batch, dim), labels), labels)
        with torch.no_grad():
            real_logit = d(real, labels)
        generator_loss = softplus(real_logit - fake_logit).mean()
        go.zero_grad(set_to_none=True)
        generator_loss.backward()
        go.step()
        d.requires_grad_(True)
        beta = parts.model.ema.beta(batch, (step + 1) * batch)
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(g.parameters()), 1 - beta)
            for mine, theirs in zip(average.buffers(), g.buffers(), strict=True):
                mine.copy_(theirs)
        if (step + 1) % 50 == 0:
            terms = {"critic": critic_loss, "generator": generator_loss, "r1": r1, "r2": r2}
            for name, term in terms.items():
                writer.add_scalar(name, term.item(), step)
            table.writerow([step, *(term.item() for term in terms.values())])
    seconds = time.perf_counter() - start
    writer.close()
    return seconds / (steps - WARM_UP)


def report(pairs: list[tuple[float, float]], threads: int, experiment: str, steps: int) -> str:
    """The table, as Markdown."""
    rows = [
        f"| {k} | {ours * 1e3:.1f} | {theirs * 1e3:.1f} | {ours / theirs:.3f} |"
        for k, (ours, theirs) in enumerate(pairs, 1)
    ]
    ratios = [ours / theirs for ours, theirs in pairs]
    return "\n".join(
        [
            "# Step time: `gan-lab train` against a bare PyTorch loop",
            "",
            f"experiment={experiment}, {steps} steps a run, {WARM_UP} of them warm-up; seed 0; "
            f"{threads} CPU thread(s) of {platform.machine()}; Python {platform.python_version()}, "
            f"torch {torch.__version__}, pytorch-lightning {pl.__version__}. Written by "
            "`scripts/benchmarks/overhead.py`; the machine is shared: read the ratios.",
            "",
            "| pair | gan-lab (ms/step) | bare loop (ms/step) | ratio |",
            "|---|---|---|---|",
            *rows,
            f"| **median** | | | **{statistics.median(ratios):.3f}** |",
            "",
        ]
    )


def main() -> None:
    """Run the pairs, print the table and write it to `docs/`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=130)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--experiment", default="mnist_dcgan")
    parser.add_argument("--output", type=Path, default=DOCS / "overhead.md")
    options = parser.parse_args()
    config = compose(
        [f"experiment={options.experiment}", f"trainer.max_steps={options.steps}", *LOGGING]
    )
    threads = set_threads(options.threads)
    pairs = []
    with tempfile.TemporaryDirectory() as scratch:
        for k in range(options.pairs):
            sides = [framework, bare] if k % 2 == 0 else [bare, framework]
            timed = {s.__name__: s(config, options.steps, Path(scratch) / str(k)) for s in sides}
            pairs.append((timed["framework"], timed["bare"]))
            print(f"pair {k + 1}: ratio {pairs[-1][0] / pairs[-1][1]:.3f}", flush=True)
    text = report(pairs, threads, options.experiment, options.steps)
    print(text)
    options.output.write_text(text)


if __name__ == "__main__":
    main()
