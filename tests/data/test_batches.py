import random

import numpy as np
import pytest
import torch

from gan_lab.data.batches import MemoryLoader, PositionSampler, epoch_order, worker_loader
from gan_lab.data.samples import Samples
from gan_lab.spec import DataSpec


def indices(sampler):
    return [index.tolist() for index in sampler]


def numbered(n):
    x = torch.arange(n, dtype=torch.float32)[:, None]
    return Samples(x, torch.arange(n), DataSpec("n", "points", 1, classes=("a",) * n))


def test_epoch_is_a_permutation_that_seed_and_epoch_determine():
    order = epoch_order(50, 50, seed=1, epoch=2)
    assert sorted(order.tolist()) == list(range(50))
    torch.rand(7)
    assert torch.equal(order, epoch_order(50, 50, seed=1, epoch=2))
    assert not torch.equal(order, epoch_order(50, 50, seed=2, epoch=2))
    assert not torch.equal(order, epoch_order(50, 50, seed=1, epoch=3))


def test_golden_order():
    assert epoch_order(6, 6, seed=0, epoch=0).tolist() == [2, 5, 3, 0, 1, 4]


def test_short_data_repeat_evenly():
    order = epoch_order(5, 13, seed=0, epoch=0)
    counts = order.bincount(minlength=5)
    assert counts.tolist().count(3) == 3
    assert counts.tolist().count(2) == 2


@pytest.mark.parametrize("seen", [0, 1, 3, 4, 7, 9])
def test_resumed_iteration_continues_the_uninterrupted_one(seen):
    clock = [0]
    sampler = PositionSampler(17, 4, seed=5, batches_seen=lambda: clock[0])
    assert len(sampler) == 4
    whole = []
    for _ in range(3):
        for batch in sampler:
            whole.append(batch.tolist())
            clock[0] += 1
    clock[0] = seen
    rest = []
    while clock[0] < 12:
        for batch in sampler:
            rest.append(batch.tolist())
            clock[0] += 1
    assert rest == whole[seen:]


def test_position_is_read_at_iter_not_at_construction():
    clock = [0]
    loader = MemoryLoader(numbered(12), PositionSampler(12, 3, 0, lambda: clock[0]))
    whole = [batch.label.tolist() for batch in loader]
    clock[0] = 2
    assert [batch.label.tolist() for batch in loader] == whole[2:]
    assert len(loader) == 4


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_partition_the_batch_of_a_single_process(world):
    rows, chunks = 4, 2
    single = indices(PositionSampler(50, rows * world, 0, lambda: 1))
    ranks = [indices(PositionSampler(50, rows, 0, lambda: 1, r, world)) for r in range(world)]
    for step, batch in enumerate(single):
        for chunk in range(chunks):
            size = rows * world // chunks
            together = []
            for rank in ranks:
                part = rows // chunks
                together += rank[step][chunk * part : (chunk + 1) * part]
            assert sorted(together) == sorted(batch[chunk * size : (chunk + 1) * size])


def test_fewer_rows_than_a_batch_still_fill_it():
    sampler = PositionSampler(3, 8, 0, lambda: 0)
    (batch,) = indices(sampler)
    assert len(sampler) == 1
    assert len(batch) == 8
    assert set(batch) == {0, 1, 2}


def test_worker_loader_gives_the_same_batches_and_leaves_the_global_stream():
    data, sampler = numbered(20), PositionSampler(20, 4, 3, lambda: 2)
    before = torch.get_rng_state()
    from_workers = list(worker_loader(data, sampler, num_workers=0))
    assert torch.equal(before, torch.get_rng_state())
    from_memory = list(MemoryLoader(data, sampler))
    assert len(from_workers) == len(from_memory) == 3
    for a, b in zip(from_workers, from_memory, strict=True):
        assert torch.equal(a.x, b.x)
        assert torch.equal(a.label, b.label)


class NoisyRows:
    """Rows whose reading draws from every global stream."""

    def __init__(self, data):
        self.data, self.spec, self.label, self.start = data, data.spec, data.label, None

    def __len__(self):
        return len(self.data)

    def select(self, index):
        return NoisyRows(self.data.select(index))

    def in_memory(self):
        return self.data

    def digest(self):
        return self.data.digest()

    def batch(self, index):
        noise = torch.rand(len(index), 1) + float(np.random.rand()) + random.random()
        batch = self.data.batch(index)
        return batch._replace(x=batch.x + noise)


@pytest.mark.parametrize("workers", [0, 2])
def test_random_numbers_of_reading_depend_on_the_place_alone(workers):
    clock, data = [0], NoisyRows(numbered(12))
    whole = []
    for _ in range(2):
        loader = worker_loader(data, PositionSampler(12, 3, 5, lambda: clock[0]), 0)
        for batch in loader:
            whole.append(batch.x)
            clock[0] += 1
    clock[0] = 3
    before = torch.get_rng_state(), np.random.get_state()[2]
    loader = worker_loader(data, PositionSampler(12, 3, 5, lambda: clock[0]), workers)
    rest = []
    for _ in range(2):
        for batch in loader:
            rest.append(batch.x)
            clock[0] += 1
    assert all(torch.equal(a, b) for a, b in zip(whole[3:], rest, strict=True))
    assert len({float(x.sum()) for x in whole}) == len(whole)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.random.get_state()[2] == before[1]
