"""The order in which training sees the rows: a pure function of (seed, epoch, position)."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from gan_lab.data.samples import Batch, Rows

_SEED_STRIDE = 1_000_003


def epoch_order(n: int, length: int, seed: int, epoch: int) -> Int[Tensor, " length"]:
    """First `length` entries of fresh permutations of `n` rows laid end to end.

    With `length <= n` no row comes twice; a data set smaller than a batch repeats its rows evenly.
    """
    generator = torch.Generator().manual_seed((seed * _SEED_STRIDE + epoch) % 2**63)
    rounds = -(-length // n)
    return torch.cat([torch.randperm(n, generator=generator) for _ in range(rounds)])[:length]


class PositionSampler(Sampler[Tensor]):
    """Row indices of each batch of this process, from the current position to the epoch's end.

    Ranks take every `world`-th row of one global batch of `rows * world`, so the union over ranks
    is the batch that a single process with `rows * world` rows would see, chunk by chunk.

    Args:
        n: Number of rows of data.
        rows: Rows per batch and process.
        seed: Seed of the order.
        batches_seen: Tells how many batches were trained on; read whenever iteration begins.
        rank: Index of this process.
        world: Number of processes.
    """

    def __init__(
        self,
        n: int,
        rows: int,
        seed: int,
        batches_seen: Callable[[], int],
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.n, self.rows, self.seed = n, rows, seed
        self.batches_seen = batches_seen
        self.rank, self.world = rank, world

    def __len__(self) -> int:
        """Batches per epoch; an incomplete last one is dropped, but there is always one."""
        return max(self.n // (self.rows * self.world), 1)

    def __iter__(self) -> Iterator[Tensor]:
        """Indices `(rows,)` of every batch that is left in the current epoch."""
        epoch, position = divmod(self.batches_seen(), len(self))
        total = self.rows * self.world
        order = epoch_order(self.n, len(self) * total, self.seed, epoch)
        mine = order.view(len(self), self.rows, self.world)[position:, :, self.rank]
        return iter(mine.contiguous())


class MemoryLoader:
    """Batches sliced from tensors in memory: no worker processes, no collation."""

    def __init__(self, data: Rows, sampler: PositionSampler) -> None:
        self.data, self.sampler = data, sampler

    def __len__(self) -> int:
        """Batches per epoch."""
        return len(self.sampler)

    def __iter__(self) -> Iterator[Batch]:
        """Batches that are left in the current epoch."""
        return map(self.data.batch, self.sampler)


class _Numbered(Sampler[tuple[int, Tensor]]):
    """Indices of each batch with the number of that batch in the whole of training."""

    def __init__(self, sampler: PositionSampler) -> None:
        self.sampler = sampler

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[tuple[int, Tensor]]:
        return enumerate(self.sampler, start=self.sampler.batches_seen())


class _Gather(Dataset[Batch]):
    """Reads a batch with random numbers that its place in training determines."""

    def __init__(self, data: Rows, seed: int, rank: int) -> None:
        self.data, self.seed, self.rank = data, seed, rank

    def __getitem__(self, place: tuple[int, Tensor]) -> Batch:
        number, index = place
        with _own_random_numbers(self.seed, self.rank, number):
            return self.data.batch(index)


@contextmanager
def _own_random_numbers(*place: int) -> Iterator[None]:
    """Inside, the global random numbers are a function of `place`; outside, they are untouched."""
    seed = int(np.random.SeedSequence(place).generate_state(1)[0])
    before = torch.get_rng_state(), np.random.get_state(), random.getstate()
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(before[0])
        np.random.set_state(before[1])
        random.setstate(before[2])


def _identity(batch: Any) -> Any:  # noqa: ANN401
    return batch


def worker_loader(data: Rows, sampler: PositionSampler, num_workers: int) -> DataLoader[Batch]:
    """The same batches, read by `num_workers` processes: for rows that lie on disk.

    What reads a batch may draw random numbers from torch, numpy and python: they depend on the
    batch's place in training, not on the number of workers or on where training was resumed. The
    worker seeds come from a generator of their own, which leaves the global stream alone.
    """
    return DataLoader(
        _Gather(data, sampler.seed, sampler.rank),
        batch_size=None,
        sampler=_Numbered(sampler),
        num_workers=num_workers,
        collate_fn=_identity,
        generator=torch.Generator().manual_seed(sampler.seed % 2**63),
        persistent_workers=num_workers > 0,
    )
