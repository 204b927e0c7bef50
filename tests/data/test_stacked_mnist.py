import pytest
import torch

from gan_lab.data.base import Rows
from gan_lab.data.stacked_mnist import IN_MEMORY_ROWS, StackedMNIST
from gan_lab.errors import UserError


@pytest.fixture(scope="module")
def stacked():
    data = StackedMNIST(n=3000)
    data.setup()
    return data


def channels(x):
    """The grey digits `(3 b, 28, 28)` of stacks as bytes."""
    return {digit.numpy().tobytes() for digit in x.flatten(0, 1)}


def digits_of(samples):
    return {digit.numpy().tobytes() for digit in samples.x.squeeze(1)}


def test_rows_are_colour_images_without_labels(stacked):
    assert stacked.train.x.shape == (2400, 3, 28, 28)
    assert stacked.held_out.x.shape == (600, 3, 28, 28)
    assert stacked.train.x.min() == -1
    assert stacked.train.x.max() == 1
    assert (stacked.spec.name, stacked.spec.classes) == ("stacked_mnist", ())
    assert stacked.train.label is None
    assert next(iter(stacked.train_dataloader())).label is None
    assert isinstance(stacked.load(), Rows)


def test_each_side_stacks_its_own_digits_only(stacked):
    train, held_out = digits_of(stacked.digits.train), digits_of(stacked.digits.held_out)
    assert not train & held_out
    assert channels(stacked.train.x) <= train
    assert channels(stacked.held_out.x) <= held_out


@pytest.mark.parametrize(("held_out", "split_seed"), [(0.1, 0), (0.37, 5)])
def test_sides_hold_for_any_split(held_out, split_seed):
    data = StackedMNIST(n=500, held_out=held_out, split_seed=split_seed)
    data.setup()
    for batch in data.train_dataloader():
        assert channels(batch.x) <= digits_of(data.digits.train)
    assert channels(data.held_out.x) <= digits_of(data.digits.held_out)


def test_modes_are_equally_likely():
    rows = StackedMNIST(n=200_000).load()
    data = StackedMNIST()
    data.digits.setup()
    label = torch.cat([data.digits.train.label, data.digits.held_out.label])[rows.choice]
    count = (label @ torch.tensor([100, 10, 1])).bincount(minlength=1000)
    # Chi-square of 999 degrees of freedom: mean 999, standard deviation 45; five of them.
    assert ((count - 200) ** 2 / 200).sum().item() == pytest.approx(999, abs=225)


def test_no_large_tensor_is_held():
    rows = StackedMNIST().load()
    assert len(rows) == 160_000
    assert rows.digits.shape == (5000, 1, 28, 28)
    memory = rows.in_memory()
    assert len(memory) == IN_MEMORY_ROWS
    last = torch.tensor([159_984])
    assert torch.equal(memory.x[-1:], rows.batch(last).x)


def test_a_row_is_a_function_of_the_data_seed_and_its_index(stacked):
    same, other = StackedMNIST(n=3000, seed=9), StackedMNIST(n=3000, data_seed=1)
    assert same.fingerprint() == stacked.fingerprint()
    assert other.fingerprint() != stacked.fingerprint()
    rows = same.load()
    index = torch.tensor([2999, 7, 7])
    whole, chosen = rows.batch(index).x, rows.select(index)
    assert torch.equal(chosen.batch(torch.arange(3)).x, whole)
    assert torch.equal(whole[1], whole[2])
    for k in range(3):
        assert torch.equal(whole[0, k], rows.digits[rows.choice[2999, k], 0])


@pytest.mark.parametrize(("key", "value"), [("n", 1), ("data_seed", -1), ("held_out", 1.0)])
def test_bad_numbers_are_named(key, value):
    with pytest.raises(UserError, match=f"data.{key} is"):
        StackedMNIST(**{key: value})
