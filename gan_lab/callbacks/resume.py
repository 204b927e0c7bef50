"""What a run needs besides its networks to go on as if it had never stopped."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger

STATE = "gan_lab.resume"
EVENTS = "events.out.tfevents*"


class ResumeState(pl.Callback):
    """Random numbers of every process, how far the log had come, and what the run depends on.

    Random numbers return in `load_state_dict`: Lightning calls it before it asks the loader for
    its first batch, and everything later would be too late.

    Args:
        facts: What must be equal where the run goes on, such as versions and the data's hash.
        changed: Keys of the configuration that were changed on purpose. An optimizer's numbers are
            part of its state, so those among `changed` have to be set again.
    """

    def __init__(self, facts: dict[str, Any], changed: Sequence[str] = ()) -> None:
        self.facts, self.changed = facts, changed
        self._trainer: pl.Trainer | None = None

    @property
    def state_key(self) -> str:
        """Name of this state in a checkpoint."""
        return STATE

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Learn which process this is and where the log goes."""
        self._trainer = trainer

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give the optimizers the numbers that were changed."""
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                set_changed(group, optimizer.defaults, self.changed)

    def state_dict(self) -> dict[str, Any]:
        """The state of all processes; each of them must call this."""
        trainer = self._trainer
        zero = trainer is not None and trainer.is_global_zero
        return {
            "facts": self.facts,
            "random": everywhere(random_state()),
            "events": event_sizes(trainer) if trainer is not None and zero else {},
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the random numbers of this process."""
        states = state_dict["random"]
        rank = 0 if self._trainer is None else self._trainer.global_rank
        if rank < len(states):
            set_random_state(states[rank])


def set_changed(group: dict[str, Any], defaults: dict[str, Any], changed: Sequence[str]) -> None:
    """Set the numbers of a group of parameters that `model.NAME_optimizer.NUMBER` has changed."""
    for number in defaults:
        if f"model.{group.get('name')}_optimizer.{number}" in changed:
            group[number] = defaults[number]
            if number == "lr":
                group["base_lr"] = defaults[number]


def random_state() -> dict[str, Any]:
    """State of torch, its devices, numpy and python, as tensors and plain values."""
    name, keys, *rest = np.random.get_state(legacy=True)
    version, inner, gauss = random.getstate()
    uses_gpu = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return {
        "torch": torch.get_rng_state(),
        "cuda": list(torch.cuda.get_rng_state_all()) if uses_gpu else [],
        "numpy": [
            str(name),
            torch.from_numpy(np.asarray(keys).astype(np.int64)),
            *map(float, rest),
        ],
        "python": [version, list(inner), gauss],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Return to what `random_state` has seen; devices that are missing here are left out."""
    torch.set_rng_state(state["torch"])
    for device, device_state in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(device_state, device)
    name, keys, position, has_gauss, gauss = state["numpy"]
    array = keys.numpy().astype(np.uint32)
    np.random.set_state((name, array, int(position), int(has_gauss), float(gauss)))
    version, inner, gauss = state["python"]
    random.setstate((version, tuple(inner), gauss))


def everywhere(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The `state` of every process, by rank."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return [state]
    states: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(states, state)
    return states


def event_sizes(trainer: pl.Trainer) -> dict[str, int]:
    """Bytes of TensorBoard's files so far, by path below the run folder."""
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.flush()
    root = Path(trainer.default_root_dir)
    return {str(path.relative_to(root)): path.stat().st_size for path in event_files(root)}


def event_files(root: Path) -> list[Path]:
    """TensorBoard's files below a run folder."""
    return sorted(root.glob(f"tensorboard/**/{EVENTS}"))


def cut_events(root: Path, sizes: dict[str, int]) -> None:
    """Take TensorBoard's files back to `sizes`, and remove those that had not begun."""
    for path in event_files(root):
        size = sizes.get(str(path.relative_to(root)), 0)
        if size == 0:
            path.unlink()
        elif path.stat().st_size > size:
            with path.open("rb+") as file:
                file.truncate(size)
