"""The contract of a data set: load once, hold a part out, feed batches in a resumable order."""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytorch_lightning as pl

from gan_lab.data.batches import MemoryLoader, PositionSampler, worker_loader
from gan_lab.data.samples import Batch, Rows, Samples
from gan_lab.data.split import Parts, Shares, chronological_parts, random_parts
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

__all__ = ["Batch", "DataModule", "Rows", "Samples"]


class DataModule(pl.LightningDataModule):
    """Base of every data set; subclasses implement `load`.

    Which rows are held out depends on the data and `split_seed` alone, so that runs with
    different training seeds are measured against the same rows.

    Attributes:
        spec: Shape, units and names; known after `setup`.
        train: Training rows in memory; for folders larger than memory, a part of them.
        held_out: Rows that training never sees.
        validation: Rows to choose between checkpoints and runs by; None where their share is 0.
        batches_seen: Tells the loader how many batches were trained on; set it to resume.

    Args:
        batch_size: Samples per optimizer step and process.
        batches_per_step: Batches that one training step uses (critic steps per generator step).
        seed: Seed of the order of the rows.
        num_workers: Reading processes, for data that lie on disk.
        held_out: Share of the rows that is held out, in (0, 1).
        split_seed: Seed of the split.
        validation: Share of the rows that is kept for choosing between checkpoints and runs.
        gap: Steps of a series between training, validation and held-out part that are in none.

    Raises:
        UserError: If a number is out of range.
    """

    spec: DataSpec
    train: Samples
    held_out: Samples
    validation: Samples | None

    def __init__(
        self,
        batch_size: int = 64,
        batches_per_step: int = 1,
        seed: int = 0,
        num_workers: int = 0,
        held_out: float = 0.2,
        split_seed: int = 0,
        validation: float = 0.0,
        gap: int = 0,
    ) -> None:
        super().__init__()
        require_at_least("batch_size", batch_size, 1)
        require_at_least("batches_per_step", batches_per_step, 1)
        require_at_least("num_workers", num_workers, 0)
        require_at_least("seed", seed, 0)
        require_at_least("split_seed", split_seed, 0)
        self.shares = Shares(held_out, validation, gap)
        self.batch_size, self.batches_per_step = batch_size, batches_per_step
        self.seed, self.split_seed = seed, split_seed
        self.num_workers = num_workers
        self.batches_seen: Callable[[], int] = lambda: 0
        self._train_rows: Rows | None = None
        self._held_out_rows: Rows | None = None

    @abstractmethod
    def load(self) -> Rows:
        """Read all rows, in model range.

        Raises:
            UserError: If the data cannot be read.
        """

    def setup(self, stage: str | None = None) -> None:
        """Load and split, once."""
        if self._train_rows is not None:
            return
        rows = self.load()
        parts = self._split(rows)
        self._train_rows = rows.select(parts.train)
        self._held_out_rows = rows.select(parts.held_out)
        kept = len(parts.validation) > 0
        self.validation = rows.select(parts.validation).in_memory() if kept else None
        self.spec = rows.spec
        self.train = self._train_rows.in_memory()
        self.held_out = self._held_out_rows.in_memory()

    @property
    def held_out_share(self) -> float:
        """Share of the rows that is held out."""
        return self.shares.held_out

    @property
    def watched(self) -> Samples:
        """What training may look at to judge itself: the validation rows, or else held-out ones."""
        return self.held_out if self.validation is None else self.validation

    def train_dataloader(self) -> Iterable[Batch]:
        """Batches of `batch_size * batches_per_step` rows, from the current position on."""
        self.setup()
        assert self._train_rows is not None
        trainer = self.trainer
        sampler = PositionSampler(
            n=len(self._train_rows),
            rows=self.batch_size * self.batches_per_step,
            seed=self.seed,
            batches_seen=lambda: self.batches_seen(),
            rank=0 if trainer is None else trainer.global_rank,
            world=1 if trainer is None else trainer.world_size,
        )
        if isinstance(self._train_rows, Samples):
            return MemoryLoader(self._train_rows, sampler)
        return worker_loader(self._train_rows, sampler, self.num_workers)

    def fingerprint(self) -> str:
        """SHA-256 over the training and the held-out rows."""
        self.setup()
        assert self._train_rows is not None
        assert self._held_out_rows is not None
        parts = self._train_rows.digest() + self._held_out_rows.digest()
        return hashlib.sha256(parts.encode()).hexdigest()

    def _split(self, rows: Rows) -> Parts:
        if rows.start is not None:
            return chronological_parts(rows.start, rows.spec.spatial[0], self.shares)
        classes = rows.label if rows.spec.classes else None
        return random_parts(len(rows), classes, self.shares, self.split_seed)


def require_at_least(name: str, value: object, least: int) -> None:
    """Check a whole number that a user gave.

    Raises:
        UserError: If it is too small, or no whole number.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserError(f"data.{name} is {value!r}; expected a whole number of {least} or more")


def require_choice(name: str, value: Any, allowed: Sequence[Any]) -> Any:  # noqa: ANN401
    """Check that a user gave one of the values that are allowed, and return it.

    Raises:
        UserError: If it is none of them.
    """
    if value not in allowed:
        options = ", ".join(str(option) for option in allowed)
        raise UserError(f"data.{name} is {value!r}; expected one of: {options}")
    return value
