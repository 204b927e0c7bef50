import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.data.split import chronological, stratified
from gan_lab.errors import UserError


@given(
    n=st.integers(2, 200),
    classes=st.integers(1, 5),
    fraction=st.floats(0.05, 0.9),
    seed=st.integers(0, 50),
)
def test_stratified_partitions_all_rows_and_keeps_shares(n, classes, fraction, seed):
    label = torch.randint(classes, (n,), generator=torch.Generator().manual_seed(seed))
    train, held = stratified(n, label, fraction, seed)
    assert sorted(train.tolist() + held.tolist()) == list(range(n))
    assert len(train) >= 1
    assert len(held) >= 1
    if (label.bincount() != 1).all() and fraction * n >= 1 and (1 - fraction) * n >= 1:
        share = len(held) / n
        counts = label.bincount(minlength=classes)
        for k in range(classes):
            assert abs((label[held] == k).sum() - share * counts[k]) <= 1.0001


def test_stratified_without_labels_is_seeded_permutation():
    first, second = stratified(100, None, 0.2, 3), stratified(100, None, 0.2, 3)
    other = stratified(100, None, 0.2, 4)
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[1], other[1])
    assert len(first[1]) == 20


def test_class_with_one_row_stays_in_training():
    label = torch.tensor([0] * 10 + [1])
    for seed in range(20):
        train, _ = stratified(11, label, 0.5, seed)
        assert 10 in train


def test_split_needs_two_rows():
    with pytest.raises(UserError, match="at least 2"):
        stratified(1, None, 0.2, 0)


@given(
    steps=st.integers(30, 200),
    window=st.integers(1, 8),
    stride=st.integers(1, 5),
    fraction=st.floats(0.05, 0.5),
)
def test_chronological_shares_no_step(steps, window, stride, fraction):
    start = torch.arange(0, steps - window + 1, stride)
    train, held = chronological(start, window, fraction)
    span = torch.arange(window)
    train_steps = set((start[train][:, None] + span).flatten().tolist())
    held_steps = set((start[held][:, None] + span).flatten().tolist())
    assert max(train_steps) < min(held_steps)
    assert start[held].max() == start.max()
    assert len(held) == max(round(fraction * len(start)), 1)


def test_chronological_without_room_is_an_error():
    with pytest.raises(UserError, match=r"data\.window"):
        chronological(torch.arange(5), 10, 0.2)
