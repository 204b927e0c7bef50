"""One training run, from configuration to exported generator."""

import os
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import TensorBoardLogger
from rich.console import Console
from torch import Tensor

from gan_lab.callbacks.clock import StopAfter
from gan_lab.cli.build import Parts, build, make_callbacks, make_trainer, plain_config
from gan_lab.cli.receipt import device_name, receipt, write_receipt
from gan_lab.cli.threads import set_threads
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.export.portable import save_generator

MOST_EXAMPLES = 512


def run(config: DictConfig, folder: Path) -> None:
    """Train and leave a run folder that every other command can read.

    Raises:
        UserError: If the configuration cannot be built.
    """
    start = time.perf_counter()
    parts = build(config)
    threads = set_threads(config.trainer.threads)
    stop = StopAfter(config.trainer.max_steps)
    trainer = make_trainer(config.trainer, folder, [*make_callbacks(config), stop])
    device = device_name(trainer.strategy.root_device)
    data = {"name": parts.data.spec.name, "sha256": parts.data.fingerprint()}
    facts = receipt(seed=config.seed, device=device, threads=threads, data=data)
    if is_first_process():
        announce(config, parts, folder, threads)
        save_config(config, folder)
        write_receipt(folder, {**facts, "finished": False})
    interrupted = fit(trainer, parts)
    if trainer.is_global_zero:
        export(config, parts, folder, facts)
        fill_hparams(trainer, config, parts)
        clock = {"steps": parts.model.steps, "images_seen": parts.model.images_seen}
        facts |= {"finished": parts.model.steps >= config.trainer.max_steps, **clock}
        write_receipt(folder, {**facts, "seconds": round(time.perf_counter() - start, 1)})
        word = "stopped" if interrupted else "done"
        conclude(folder, word, parts.model.steps, time.perf_counter() - start)
    if interrupted:
        raise SystemExit(130)


def fit(trainer: pl.Trainer, parts: Parts) -> bool:
    """Train; True if Ctrl-C ended it, after which the generator is exported all the same."""
    try:
        trainer.fit(parts.model, datamodule=parts.data)
    except SystemExit:  # Lightning's answer to Ctrl-C
        if parts.model.steps == 0:
            raise
        return True
    return False


def fill_hparams(trainer: pl.Trainer, config: DictConfig, parts: Parts) -> None:
    """Fill TensorBoard's hparams tab: the configuration beside the last value of every term."""
    terms = {f"final/{name}": float(value) for name, value in parts.model.last_terms.items()}
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.log_hyperparams(plain_config(config), terms, step=parts.model.steps)


def export(config: DictConfig, parts: Parts, folder: Path, facts: dict[str, Any]) -> None:
    """Write the averaged generator to `folder/generator`."""
    plain = plain_config(config)
    save_generator(
        folder / "generator",
        network=parts.model.ema.network,
        prior=parts.prior,
        spec=parts.data.spec,
        generator_config={
            k: v for k, v in plain["networks"]["generator"].items() if k != "_partial_"
        },
        latent_config=plain["latent"],
        attributes=attribute_examples(parts.data.train),
        extra={"steps": parts.model.steps, "versions": facts["versions"], "seed": config.seed},
    )


def attribute_examples(train: Samples) -> Tensor | None:
    """Attributes of training rows, evenly thinned; None where labels are classes or missing."""
    if not train.spec.attributes or train.label is None:
        return None
    return train.label[:: -(-len(train) // MOST_EXAMPLES)]


def save_config(config: DictConfig, folder: Path) -> None:
    """Write the resolved configuration to `folder/config.yaml`.

    Raises:
        UserError: If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(config, folder / "config.yaml", resolve=True)
    except OSError as error:
        raise UserError(f"output folder {folder} cannot be written: {error.strerror}") from error


def is_first_process() -> bool:
    """Whether this process is the one that speaks and writes."""
    return all(os.environ.get(name, "0") == "0" for name in ("LOCAL_RANK", "RANK", "NODE_RANK"))


def announce(config: DictConfig, parts: Parts, folder: Path, threads: int) -> None:
    """Say in three lines what is about to happen."""
    spec, model = parts.data.spec, parts.model
    sizes = [sum(p.numel() for p in net.parameters()) for net in (model.generator, model.critic)]
    console = Console(highlight=False)
    rows = len(parts.data.train)
    shape = " x ".join(map(str, spec.shape))
    console.print(f"[bold]{config.name}[/]  {spec.name}: {rows:,} {spec.modality} of {shape}")
    console.print(
        f"generator {sizes[0]:,} parameters, critic {sizes[1]:,}; "
        f"{config.trainer.max_steps:,} steps, {threads} CPU thread{'s' * (threads > 1)}"
    )
    console.print(f"run folder: {shown(folder)}", soft_wrap=True)
    console.print(f"live view:  tensorboard --logdir {shown(folder)}/tensorboard", soft_wrap=True)


def conclude(folder: Path, word: str, steps: int, seconds: float) -> None:
    """Name the run folder and the commands that come next."""
    run = shown(folder)
    console = Console(highlight=False)
    console.print(f"\n[bold green]{word}[/]: {steps:,} steps in {duration(seconds)}")
    for what, where in (("samples", "samples"), ("generator", "generator"), ("log", "tensorboard")):
        console.print(f"  {what:<10}{run}/{where}", soft_wrap=True)
    console.print("next:")
    for command in ("sample", "interpolate", "evaluate"):
        console.print(f"  gan-lab {command} {run}", soft_wrap=True)
    console.print(f"  tensorboard --logdir {run}/tensorboard", soft_wrap=True)


def shown(folder: Path) -> str:
    """A folder relative to the working directory where that is shorter."""
    folder = folder.absolute()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(75.0)
    '1 min 15 s'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
