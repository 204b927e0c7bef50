import pytest
import torch

from gan_lab.data import Batch, DataModule, Samples
from gan_lab.data.base import require_at_least
from gan_lab.data.digits8 import Digits8
from gan_lab.data.points import XOR
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec


class Numbered(DataModule):
    def __init__(self, n=40, **options):
        super().__init__(**options)
        self.n = n
        self.loads = 0

    def load(self):
        self.loads += 1
        x = torch.arange(self.n, dtype=torch.float32)[:, None]
        spec = DataSpec("numbered", "points", 1, classes=("even", "odd"))
        return Samples(x, torch.arange(self.n) % 2, spec)


def rows(samples):
    return set(samples.x.flatten().int().tolist())


def test_split_is_disjoint_stratified_and_complete():
    data = Numbered()
    data.setup()
    assert not rows(data.train) & rows(data.held_out)
    assert rows(data.train) | rows(data.held_out) == set(range(40))
    assert data.held_out.label.bincount().tolist() == [4, 4]


def test_split_ignores_the_training_seed_but_not_the_split_seed():
    first, second, other = Numbered(seed=0), Numbered(seed=9), Numbered(split_seed=1)
    for data in (first, second, other):
        data.setup()
    assert rows(first.held_out) == rows(second.held_out)
    assert rows(first.held_out) != rows(other.held_out)


def test_training_seed_changes_the_order():
    first, second = (next(iter(Numbered(seed=s, batch_size=8).train_dataloader())) for s in (0, 1))
    assert not torch.equal(first.x, second.x)


def test_held_out_rows_are_never_trained_on():
    data = Numbered(batch_size=3, batches_per_step=2)
    data.setup()
    clock = [0]
    data.batches_seen = lambda: clock[0]
    loader = data.train_dataloader()
    seen = set()
    for _ in range(20):
        for batch in loader:
            assert isinstance(batch, Batch)
            assert batch.x.shape == (6, 1)
            assert torch.equal(batch.label, batch.x.flatten().long() % 2)
            seen |= set(batch.x.flatten().int().tolist())
            clock[0] += 1
    assert seen == rows(data.train)


def test_clock_may_be_set_after_the_loader_is_built():
    data = Numbered(batch_size=4)
    loader = data.train_dataloader()
    whole = [batch.x for batch in loader]
    data.batches_seen = lambda: 5
    assert torch.equal(next(iter(loader)).x, whole[5])


def test_setup_loads_once():
    data = Numbered()
    data.setup("fit")
    train = data.train
    data.setup("test")
    assert data.loads == 1
    assert data.train is train


def test_rank_and_world_come_from_the_trainer():
    class Trainer:
        global_rank, world_size = 1, 2

    single, ranked = Numbered(batch_size=8), Numbered(batch_size=4)
    whole = next(iter(single.train_dataloader())).x
    ranked.trainer = Trainer()
    assert torch.equal(next(iter(ranked.train_dataloader())).x, whole[1::2])


def test_fingerprint_follows_the_data():
    assert Numbered().fingerprint() == Numbered(seed=5).fingerprint()
    assert Numbered(40).fingerprint() != Numbered(41).fingerprint()


def test_labels_are_part_of_the_digest():
    x, spec = torch.zeros(2, 1), DataSpec("d", "points", 1, classes=("a", "b"))
    first, second = (Samples(x, torch.tensor(y), spec) for y in ([0, 1], [1, 0]))
    assert first.digest() != second.digest()


@pytest.mark.parametrize(
    "bad",
    [
        {"batch_size": 0},
        {"batch_size": -3},
        {"batches_per_step": 0},
        {"num_workers": -1},
        {"seed": -1},
        {"held_out": 0.0},
        {"held_out": 1.0},
        {"held_out": -0.1},
        {"held_out": float("nan")},
    ],
)
def test_bad_values_are_refused_at_construction(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Numbered(**bad)


@pytest.mark.parametrize("value", [2.5, "3", True, None])
def test_counts_are_whole_numbers(value):
    with pytest.raises(UserError, match=r"data\.n is .*whole number of 1 or more"):
        require_at_least("n", value, 1)


@pytest.mark.parametrize("make", [Digits8, lambda: XOR(n=50)])
def test_spec_round_trip(make):
    data = make()
    data.setup()
    units = data.spec.to_units(data.train.x)
    assert torch.allclose(data.spec.from_units(units), data.train.x, atol=1e-6)
    assert DataSpec.from_dict(data.spec.to_dict()) == data.spec
    assert data.train.x.shape[1:] == data.spec.shape
