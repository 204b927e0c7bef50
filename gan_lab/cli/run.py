"""One training run, from configuration to exported generator."""

import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor

from gan_lab.atomic import sweep, write_atomically
from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.finite import FiniteSteps
from gan_lab.callbacks.interruption import Interrupted, StopOnSignal
from gan_lab.callbacks.resume import ResumeState, cut_events
from gan_lab.cli.announce import announce, conclude, shown, tell_interrupted, tell_resumed
from gan_lab.cli.build import Parts, build, make_callbacks, make_trainer, plain_config
from gan_lab.cli.failures import explained
from gan_lab.cli.lock import locked
from gan_lab.cli.origin import Origin, fact_differences
from gan_lab.cli.receipt import device_name, read_receipt, receipt, write_receipt
from gan_lab.cli.resume import command_of
from gan_lab.cli.rollback import train_with_rollbacks
from gan_lab.cli.threads import set_threads
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.export.critic import save_critic
from gan_lab.export.portable import save_generator

MOST_EXAMPLES = 512


def run(config: DictConfig, folder: Path, origin: Origin | None = None) -> None:
    """Train and leave a run folder that every other command can read.

    Args:
        config: The configuration.
        folder: The run folder.
        origin: What a resumed run goes on from.

    Raises:
        UserError: If the configuration cannot be built, or the folder belongs to another run.
        SystemExit: If a signal has ended the run; the code is 128 + its number.
    """
    signals = StopOnSignal()
    try:
        with signals.listen(), locked(folder) if is_first_process() else nullcontext():
            train_with_rollbacks(
                config, folder, origin, lambda now, start: train(now, folder, start, signals)
            )
    except Interrupted as stop:
        if is_first_process():
            tell_interrupted(folder, stop)
        raise SystemExit(stop.code) from stop


def train(config: DictConfig, folder: Path, origin: Origin | None, signals: StopOnSignal) -> None:
    """What `run` does while it holds the folder."""
    start = time.perf_counter()
    if is_first_process():
        check_folder(folder, origin)
    changed = origin.changes(plain_config(config)) if origin else []
    parts = build(config)
    threads = set_threads(config.trainer.threads)
    data = {"name": parts.data.spec.name, "sha256": parts.data.fingerprint()}
    facts = receipt(seed=config.seed, threads=threads, data=data)
    trainer = assemble(config, folder, facts, signals, changed)
    if origin:
        origin.check(fact_differences(origin.facts, {**facts, "processes": trainer.world_size}))
    facts |= {"device": device_name(trainer.strategy.root_device), **history(folder, origin)}
    if is_first_process():
        prepare(config, folder, origin)
        announce(config, parts, folder, threads)
        tell_resumed(config, origin, threads)
        write_receipt(folder, {**facts, "finished": False})
    stop = fit(trainer, parts, origin)
    if trainer.is_global_zero:
        export(config, parts, folder, facts)
        fill_hparams(trainer, config, parts)
        clock = {"steps": parts.model.steps, "images_seen": parts.model.images_seen}
        facts |= {"finished": parts.model.steps >= config.trainer.max_steps, **clock}
        write_receipt(folder, {**facts, "seconds": round(time.perf_counter() - start, 1)})
        conclude(folder, stop, parts.model.steps, time.perf_counter() - start)
    if stop:
        raise stop


def check_folder(folder: Path, origin: Origin | None) -> None:
    """Do not train into another run's folder.

    Raises:
        UserError: If a new run finds a configuration there.
    """
    if origin is None and (folder / "config.yaml").exists():
        raise UserError(f"{shown(folder)} holds a run already; {command_of(shown(folder))}")


def assemble(
    config: DictConfig,
    folder: Path,
    facts: dict[str, Any],
    signals: StopOnSignal,
    changed: list[str],
) -> pl.Trainer:
    """The trainer with all callbacks: the clock first, those that save and stop last."""
    own = make_callbacks(config)
    savers = [callback for callback in own if isinstance(callback, Checkpoints)]
    signals.saver = savers[0] if savers else None
    first = [StopAfter(config.trainer.max_steps), FiniteSteps()]
    others = [callback for callback in own if callback not in savers]
    kept = {name: facts[name] for name in ("versions", "data", "threads")}
    state = ResumeState(kept, changed)
    return make_trainer(config.trainer, folder, [*first, *others, state, *savers, signals])


def history(folder: Path, origin: Origin | None) -> dict[str, Any]:
    """Steps at which the run was taken up again, for the receipt."""
    if origin is None:
        return {}
    return {"resumed": [*read_receipt(folder).get("resumed", []), origin.steps]}


def prepare(config: DictConfig, folder: Path, origin: Origin | None) -> None:
    """Write the resolved configuration; take the log back to where a resumed run goes on.

    Raises:
        UserError: If the folder cannot be written.
    """
    if origin:
        sweep(folder)
        cut_events(folder, dict(origin.events))
    write_atomically(folder / "config.yaml", OmegaConf.to_yaml(config, resolve=True).encode())


def fit(trainer: pl.Trainer, parts: Parts, origin: Origin | None) -> Interrupted | None:
    """Train; what ended it early, after which the generator is exported all the same.

    Raises:
        UserError: If memory is short, a reading process dies, or a checkpoint does not fit.
    """
    checkpoint = origin.checkpoint if origin else None
    try:
        trainer.fit(parts.model, datamodule=parts.data, ckpt_path=checkpoint, weights_only=True)
    except Interrupted as stop:
        if parts.model.steps == 0:
            raise
        return stop
    except (RuntimeError, ValueError) as error:
        told = explained(error)
        if told is None:
            raise
        raise UserError(told) from error
    return None


def fill_hparams(trainer: pl.Trainer, config: DictConfig, parts: Parts) -> None:
    """Fill TensorBoard's hparams tab: the configuration beside the last value of every term."""
    terms = {f"final/{name}": float(value) for name, value in parts.model.last_terms.items()}
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.log_hyperparams(plain_config(config), terms, step=parts.model.steps)


def export(config: DictConfig, parts: Parts, folder: Path, facts: dict[str, Any]) -> None:
    """Write the averaged generator to `folder/generator`, and beside it the critic, if any."""
    plain = plain_config(config)
    save_generator(
        folder / "generator",
        network=parts.model.ema.network,
        prior=parts.prior,
        spec=parts.data.spec,
        generator_config=without_partial(plain["networks"]["generator"]),
        latent_config=plain["latent"],
        attributes=attribute_examples(parts.data.train),
        extra={"steps": parts.model.steps, "versions": facts["versions"], "seed": config.seed},
    )
    if parts.model.objective.critic is not None:
        save_critic(
            folder / "generator",
            network=parts.model.critic,
            critic_config=without_partial(plain["networks"]["critic"]),
            pack=parts.model.pack,
        )


def without_partial(node: dict[str, Any]) -> dict[str, Any]:
    """A network's node without hydra's mark that arguments are still to come."""
    return {key: value for key, value in node.items() if key != "_partial_"}


def attribute_examples(train: Samples) -> Tensor | None:
    """Attributes of training rows, evenly thinned; None where labels are classes or missing."""
    if not train.spec.attributes or train.label is None:
        return None
    return train.label[:: -(-len(train) // MOST_EXAMPLES)]


def is_first_process() -> bool:
    """Whether this process is the one that speaks and writes."""
    return all(os.environ.get(name, "0") == "0" for name in ("LOCAL_RANK", "RANK", "NODE_RANK"))
