"""One job in a process of its own: compose, build, train, score."""

import platform
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytorch_lightning as pl
import torch
from jobs import Job, Record
from protocol import PART, counter_of, score
from torch import Tensor

from gan_lab.callbacks.clock import StopAfter
from gan_lab.cli.build import Parts, build, make_trainer
from gan_lab.cli.compose import compose
from gan_lab.cli.threads import set_threads


def run_job(job: Job) -> Record:
    """Train with no callback but the one that ends it, then score the raw and the averaged net."""
    config = compose(job.overrides)
    threads = set_threads(config.trainer.threads)
    parts = build(config)
    run = train(config, parts) if job.trains else {}
    counter = counter_of(job.data, parts.data)
    sources = sources_of(parts) if job.trains else {"real": counter.real}
    return {
        "data": job.data,
        "experiment": job.experiment,
        "method": job.method,
        "seed": job.seed,
        "base": job.base,
        "digest": job.digest,
        "overrides": list(job.overrides),
        "method_words": list(job.method_words),
        "scores": {k: score(job.data, counter, draw, job.seed) for k, draw in sources.items()},
        "steps": config.trainer.max_steps,
        "batch_size": config.data.batch_size,
        "threads": threads,
        "device": device_name(torch.device("cpu")),
        "torch": str(torch.__version__),
        "lightning": pl.__version__,
        **run,
        **counter.facts,
    }


def train(config, parts: Parts) -> Record:
    """Run all steps; CPU and wall seconds of the fit alone, and where it ran."""
    cpu, wall = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        stop = StopAfter(config.trainer.max_steps)
        trainer = make_trainer(config.trainer, Path(folder), [stop])
        trainer.fit(parts.model, datamodule=parts.data)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    device = trainer.strategy.root_device
    parts.model.to(device)  # Lightning leaves it on the CPU; samples are drawn where it was trained
    return {
        "cpu_seconds": round(cpu, 2),
        "wall_seconds": round(wall, 2),
        "device": device_name(device),
    }


def sources_of(parts: Parts) -> dict[str, Callable[[int, torch.Generator], Tensor]]:
    """Both generators; they get the same latents."""
    return {"raw": partial(sample, parts, ema=False), "ema": partial(sample, parts, ema=True)}


def sample(parts: Parts, n: int, rng: torch.Generator, *, ema: bool) -> Tensor:
    """Generated samples `(n, c, *s)` in model range, on the CPU."""
    latents = parts.prior.sample(n, rng).split(PART)
    return torch.cat([parts.model.generate(z, ema=ema).cpu() for z in latents])


def device_name(device: torch.device) -> str:
    """Name of the GPU, or kind of the CPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({platform.machine()})"
