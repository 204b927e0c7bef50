"""`gan-lab train --dry-run`: what would be trained, and how long it would take."""

import tempfile
import time
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from gan_lab.cli.announce import duration
from gan_lab.cli.build import Parts, build, make_trainer
from gan_lab.cli.threads import set_threads

WARM_UP, TIMED = 3, 5


class Stopwatch(pl.Callback):
    """Time of every step; ends the fit after a few."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.times: list[float] = []

    def on_train_batch_end(self, trainer: pl.Trainer, *_: object) -> None:
        """Take the time."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.times.append(time.perf_counter())
        trainer.should_stop = len(self.times) >= self.steps

    def seconds_per_step(self, warm_up: int) -> float:
        """Mean over the steps after the first `warm_up`."""
        times = self.times[warm_up - 1 :]
        return (times[-1] - times[0]) / max(len(times) - 1, 1)


def dry_run(config: DictConfig) -> None:
    """Print the configuration, the networks and an estimate of the time; leave no files.

    Raises:
        UserError: If the configuration cannot be built.
    """
    console = Console(highlight=False)
    console.print(
        Syntax(OmegaConf.to_yaml(config, resolve=True), "yaml", background_color="default")
    )
    parts = build(config)
    threads = set_threads(config.trainer.threads)
    console.print(summary(parts))
    step = time_a_step(config, parts)
    total = duration(step * config.trainer.max_steps)
    console.print(
        f"one step takes {step * 1000:.0f} ms on {threads} CPU thread{'s' * (threads > 1)}: "
        f"about [bold]{total}[/] for {config.trainer.max_steps:,} steps, without callbacks"
    )
    console.print("dry run: nothing was written")


def summary(parts: Parts) -> Table:
    """Parameters and shapes of both networks."""
    model, spec = parts.model, parts.data.spec
    table = Table("network", "parameters", "input", "output")
    label = f" + label of {spec.labels}" if spec.labels else ""
    sample = " x ".join(map(str, spec.shape))
    for name, net, before, after in (
        ("generator", model.generator, str(parts.prior.dim), sample),
        ("critic", model.critic, sample, "1"),
    ):
        count = sum(p.numel() for p in net.parameters())
        kind = f"{name} ({type(net).__module__.removeprefix('gan_lab.')})"
        table.add_row(kind, f"{count:,}", before + label, after)
    return table


def time_a_step(config: DictConfig, parts: Parts) -> float:
    """Seconds of one generator step, with penalties at their usual share."""
    every = [r.every for r in parts.model.regularizers.values()]
    timed = max([TIMED, *every])
    watch = Stopwatch(WARM_UP + timed)
    with tempfile.TemporaryDirectory() as folder:
        trainer = make_trainer(config.trainer, Path(folder), [watch])
        trainer.fit(parts.model, datamodule=parts.data)
    return watch.seconds_per_step(WARM_UP)
