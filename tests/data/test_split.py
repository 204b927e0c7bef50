import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.data.split import (
    Shares,
    chronological,
    chronological_parts,
    random_parts,
    stratified,
)
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


@given(
    steps=st.integers(120, 300),
    window=st.integers(1, 8),
    stride=st.integers(1, 3),
    gap=st.integers(0, 8),
)
def test_three_parts_of_a_series_lie_apart_and_in_order(steps, window, stride, gap):
    start = torch.arange(0, steps - window + 1, stride)
    parts = chronological_parts(start, window, Shares(0.2, 0.2, gap))
    train, validation, held = (start[i] for i in (parts.train, parts.validation, parts.held_out))
    # The first step of one part comes `gap` steps or more after the last step of the one before.
    assert validation.min() - (train.max() + window - 1) > gap
    assert held.min() - (validation.max() + window - 1) > gap
    assert held.max() == start.max()
    assert abs(len(validation) - 0.2 * len(start)) <= 1
    alone = chronological_parts(start, window, Shares(0.2))
    assert len(alone.validation) == 0
    assert torch.equal(alone.held_out, parts.held_out)


@pytest.mark.parametrize("labelled", [True, False])
def test_three_random_parts_are_disjoint_and_whole(labelled):
    label = torch.arange(100) % 4 if labelled else None
    parts = random_parts(100, label, Shares(0.2, 0.1), seed=3)
    together = torch.cat([parts.train, parts.validation, parts.held_out])
    assert together.sort().values.tolist() == list(range(100))
    assert [len(p) for p in (parts.train, parts.validation, parts.held_out)] == [70, 10, 20]
    assert torch.equal(parts.held_out, random_parts(100, label, Shares(0.2), seed=3).held_out)


@pytest.mark.parametrize(
    ("shares", "text"),
    [((1.0,), "data.held_out"), ((0.5, 0.5), "data.validation"), ((0.2, 0.0, -1), "data.gap")],
)
def test_shares_are_checked(shares, text):
    with pytest.raises(UserError, match=text):
        Shares(*shares)
