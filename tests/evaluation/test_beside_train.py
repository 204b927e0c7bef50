"""Scores that need training rows, on samples whose answers are known."""

from dataclasses import replace

import pytest
import torch

from gan_lab.evaluation import evaluate_samples
from gan_lab.evaluation.beside_train import beside_train
from gan_lab.evaluation.membership import membership_scores
from gan_lab.evaluation.sets import gather, independent


def scored(scores):
    return {s.name: s for s in scores}


def copied(samples, data):
    return replace(samples, x=data.train.x[: len(samples)].clone())


@pytest.fixture(scope="module")
def honest(ring, fresh_ring):
    return gather(fresh_ring, ring, name="mine", weights="samples", seed=0)


@pytest.fixture(scope="module")
def copies(ring, fresh_ring):
    return gather(copied(fresh_ring, ring), ring, name="copies", weights="samples", seed=0)


def test_fresh_rows_are_like_held_out_rows(honest):
    for score in (*beside_train(honest), *membership_scores(honest, None)):
        assert score.like_real, score.name


def test_copies_are_seen_by_all(copies):
    found = scored([*beside_train(copies), *membership_scores(copies, None)])
    assert found["authenticity"].value == 0
    assert found["data_copying"].value < -5
    assert found["unseen_reached"].value == 0 < found["unseen_reached"].floor
    names = ("authenticity", "data_copying", "black_box_membership")
    assert [name for name in names if found[name].like_real] == []
    # Only an eighth of the copied rows are in the subset that matches the held-out rows in size.
    assert found["nearer_to_train"].value > found["nearer_to_train"].floor


def test_a_critic_that_knows_training_rows(honest):
    known = {tuple(row.tolist()) for row in honest.train.x}

    def critic(x, label):
        return torch.tensor([float(tuple(row.tolist()) in known) for row in x])

    found = scored(membership_scores(honest, critic))["critic_membership"]
    assert (found.value, found.like_real, found.receipt.evaluator) == (1.0, False, "critic")


def test_windows_that_overlap_count_once(var):
    start = torch.arange(0, 40)
    rows = replace(var.train.select(start), start=start)
    chosen = independent(rows, 1000)
    assert (chosen.start.diff() >= var.window).all()
    assert len(independent(var.train, 10)) <= 10


def test_all_of_them_are_in_the_evaluation(evaluated):
    names = {s.name for s in evaluated.scores}
    assert {
        "alpha_precision", "beta_recall", "different_bins", "twins", "authenticity",
        "data_copying", "nearer_to_train", "unseen_reached", "black_box_membership",
    } <= names  # fmt: skip


def test_a_collapsed_generator_has_twins_and_a_small_support(ring, fresh_ring, evaluated):
    few = replace(fresh_ring, x=fresh_ring.x[:10].repeat(50, 1))
    found = evaluate_samples(few, ring)
    assert found.score("twins").value == 1
    assert not found.score("twins").like_real
    assert found.score("different_bins").value > 0.5
    assert found.details["support"]["samples"]["high"] < 12
    assert evaluated.details["support"]["samples"]["low"] > 100
