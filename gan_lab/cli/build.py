"""From a configuration to data, networks, model and trainer."""

import inspect
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from hydra.utils import instantiate
from lightning_fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import TensorBoardLogger
from torch import nn

from gan_lab.augment import Adaptive, Augment
from gan_lab.cli.messages import suggest
from gan_lab.data import DataModule
from gan_lab.errors import UserError
from gan_lab.export.plain import without_places
from gan_lab.model.gan import GAN
from gan_lab.regularizers import Constraint, Regularizer
from gan_lab.regularizers.turn import Sized
from gan_lab.spec import DataSpec, Labels
from gan_lab.types import FeatureCritic, Prior, Transform

ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps", "tpu")
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed", "bf16-true", "16-true", "64-true")


@dataclass(frozen=True)
class Parts:
    """What a run is made of."""

    data: DataModule
    prior: Prior
    model: GAN


def build(config: DictConfig) -> Parts:
    """Read the data first: sizes and classes of everything else come from them.

    Raises:
        UserError: If the configuration cannot be built; nothing slow has happened before.
    """
    check_trainer(config.trainer)
    if config.seed < 0:
        raise UserError(f"seed is {config.seed}; expected a whole number of 0 or more")
    plain = plain_config(config)
    data: DataModule = make(config.data)
    prior: Prior = make(config.latent)
    objective = make(config.objectives)
    factories = make(config.networks)
    data.setup()
    check_pack(config, data)
    pl.seed_everything(config.seed, workers=True, verbose=False)
    sizes = {"spec": data.spec, "latent_dim": prior.dim}
    generator = call("networks.generator", factories["generator"], **sizes)
    seen = replace(data.spec, channels=data.spec.channels * config.model.pack, channel_names=())
    critic = call("networks.critic", factories["critic"], spec=seen)
    regularizers = make_regularizers(config, prior, data.spec.labels, critic)
    augment = make_augment(config, data.spec)
    model = call(
        "model",
        make(config.model),
        generator=generator,
        critic=critic,
        prior=prior,
        spec=data.spec,
        objective=objective,
        regularizers=regularizers,
        augment=augment,
        config=without_places(plain),
    )
    data.batches_seen = lambda: model.steps
    return Parts(data, prior, model)


def make_regularizers(
    config: DictConfig, prior: Prior, labels: Labels, critic: nn.Module
) -> dict[str, Regularizer | Constraint]:
    """The terms by name; `regularizers.NAME=null` leaves one out.

    Raises:
        UserError: If one is only part of a term, as when its group was replaced.
    """
    made = {k: v for k, v in (make(config.regularizers) or {}).items() if v is not None}
    for name, term in made.items():
        if not isinstance(term, Regularizer | Constraint):
            raise UserError(
                f"regularizers.{name} is no regularizer but {term!r}; choose a group that "
                f"has it, such as regularizers=r1_r2, or leave it out: regularizers.{name}=null"
            )
        if isinstance(term, Regularizer) and isinstance(term.penalty, Sized):
            shown = critic.feature_count if isinstance(critic, FeatureCritic) else 0
            sized = term.penalty.build(prior=prior, labels=labels, features=shown)
            made[name] = replace(term, penalty=sized)
    return made


def make_augment(config: DictConfig, spec: DataSpec) -> Transform | None:
    """The augmentation, tried once on blank samples at full strength.

    Raises:
        UserError: If it does not suit the data.
    """
    augment: Transform | None = make(config.augment) or None
    if isinstance(augment, Augment | Adaptive):
        augment.chain(torch.zeros(2, *spec.shape), torch.Generator(), 1.0)
    return augment


def check_pack(config: DictConfig, data: DataModule) -> None:
    """Check that packs can be formed.

    Raises:
        UserError: If a batch does not hold whole packs, or a network reads single labels.
    """
    size = config.model.pack
    if size < 1 or data.batch_size % size:
        raise UserError(
            f"model.pack is {size}; expected a divisor of data.batch_size={data.batch_size}"
        )
    readers = [r for r in ("generator", "critic") if config.networks[r].get("conditional", True)]
    if size > 1 and data.spec.labels and readers:
        off = " ".join(f"networks.{reader}.conditional=false" for reader in readers)
        raise UserError(f"model.pack={size} joins samples of different labels; set {off}")


def make_callbacks(config: DictConfig) -> list[pl.Callback]:
    """The callbacks of the configuration; `callbacks.NAME=null` leaves one out."""
    return [make(node) for node in (config.callbacks or {}).values() if node is not None]


def make(node: Any) -> Any:  # noqa: ANN401
    """Instantiate a node: plain lists and dictionaries, no hydra types inside."""
    return instantiate(node, _convert_="all")


def call(key: str, factory: Callable[..., Any], **arguments: Any) -> Any:  # noqa: ANN401
    """Call a partial from the configuration; a misspelt key of its yaml is the user's to read.

    Raises:
        UserError: If the arguments do not fit its signature.
    """
    target = getattr(factory, "func", factory)
    given = {**getattr(factory, "keywords", {}), **arguments}
    signature = inspect.signature(target)
    try:
        signature.bind(*getattr(factory, "args", ()), **given)
    except TypeError as error:
        names = list(signature.parameters)
        unknown = [name for name in given if name not in names]
        name = f"{key}: {target.__module__.removeprefix('gan_lab.')}.{target.__qualname__}"
        if not unknown:
            raise UserError(f"{name}: {error}") from error
        hint = suggest(unknown[0], names)
        raise UserError(
            f"{name} takes no {unknown[0]!r}; {hint}it takes: {', '.join(names)}"
        ) from error
    return factory(**arguments)


def plain_config(config: DictConfig) -> dict[str, Any]:
    """The resolved configuration as plain dictionaries."""
    plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(plain, dict)
    return {str(k): v for k, v in plain.items()}


def check_trainer(config: DictConfig) -> None:
    """Check what Lightning would only complain about later, or at length.

    Raises:
        UserError: If a value is unknown, or the device is not there.
    """
    if config.max_steps < 1:
        raise UserError(f"trainer.max_steps is {config.max_steps}; expected 1 or more")
    for key, valid in (("accelerator", ACCELERATORS), ("precision", PRECISIONS)):
        if config[key] not in valid:
            hint = suggest(str(config[key]), valid)
            raise UserError(f"trainer.{key} is {config[key]!r}; {hint}choices: {', '.join(valid)}")
    wants_gpu = config.accelerator in ("gpu", "cuda")
    if wants_gpu and not (torch.cuda.is_available() or torch.backends.mps.is_available()):
        raise UserError(
            f"trainer.accelerator is {config.accelerator!r}, but torch sees no GPU; "
            "use trainer.accelerator=cpu, or install a torch build for your GPU"
        )
    if isinstance(config.devices, int) and config.devices < 1:
        raise UserError(f"trainer.devices is {config.devices}; expected 1 or more, or auto")


def make_trainer(config: DictConfig, folder: Path, callbacks: list[pl.Callback]) -> pl.Trainer:
    """Lightning's trainer without its own clock: it runs until a callback stops it.

    Raises:
        UserError: If Lightning refuses the combination.
    """
    quiet()
    many = config.devices not in (1, "1", "auto")
    try:
        return pl.Trainer(
            max_epochs=-1,
            max_steps=-1,
            accelerator=config.accelerator,
            devices=config.devices,
            strategy="ddp_find_unused_parameters_true" if many else "auto",
            precision=config.precision,
            deterministic=config.deterministic,
            logger=TensorBoardLogger(
                folder, name="tensorboard", version="", default_hp_metric=False
            ),
            callbacks=callbacks,
            default_root_dir=folder,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (MisconfigurationException, ValueError) as error:
        raise UserError(f"trainer: {str(error).splitlines()[0]}") from error


def quiet() -> None:
    """Silence Lightning's adverts and the warnings that do not concern our loaders."""
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning.fabric", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for module in ("pytorch_lightning", "lightning_fabric", "torch.utils.tensorboard"):
        warnings.filterwarnings("ignore", module=module)
