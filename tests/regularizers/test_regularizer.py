"""Weight, interval and side of a penalty."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.regularizers import Judge, Regularizer
from gan_lab.regularizers.gradient import r1
from gan_lab.schedule import Cosine, Linear


def total(regularizer, steps, batch=10):
    """Sum of the factors over a run."""
    due = [step for step in range(steps) if regularizer.is_due(step)]
    return sum(regularizer.factor(step * batch, step / steps) for step in due)


@pytest.mark.parametrize("every", [1, 2, 4, 8])
def test_lazy_interval_keeps_the_mean(every):
    lazy = Regularizer(r1, weight=0.5, every=every)
    assert sum(lazy.is_due(step) for step in range(40)) == 40 // every
    assert total(lazy, 40) / 40 == pytest.approx(0.5)


def test_lazy_interval_keeps_the_mean_of_a_schedule():
    schedule = Cosine(first=2.0, last=0.5)
    every, lazy = (total(Regularizer(r1, schedule, k), 4000) / 4000 for k in (1, 8))
    assert every == pytest.approx(1.25, abs=1e-3)
    assert lazy == pytest.approx(every, rel=2e-3)


def test_a_schedule_is_read_at_its_time():
    over_run = Regularizer(r1, Linear(first=1.0, last=3.0), every=4)
    assert over_run.factor(images=10**9, share=0.25) == pytest.approx(4 * 1.5)
    over_images = Regularizer(r1, Linear(first=1.0, last=3.0, images=1000.0), every=4)
    assert over_images.factor(images=250, share=1.0) == pytest.approx(4 * 1.5)


def test_a_weight_of_zero_costs_nothing():
    assert not Regularizer(r1, weight=0.0).is_due(0)
    assert Regularizer(r1, weight=Linear(first=0.0, last=1.0)).is_due(0)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"every": 0}, "every is 0"),
        ({"weight": -1.0}, "weight is -1"),
        ({"weight": Linear(first=1.0, last=-1.0)}, "weight is -1"),
    ],
)
def test_wrong_numbers_are_refused(wrong, match):
    with pytest.raises(UserError, match=match):
        Regularizer(r1, **wrong)


def test_a_judge_binds_the_labels_and_asks_for_features(make_game):
    class Labelled(torch.nn.Module):
        def forward(self, x, label):
            return x[:, 0] + label

    judge = Judge(Labelled(), torch.tensor([1, 2]))
    assert judge(torch.zeros(2, 3)).tolist() == [1.0, 2.0]
    with pytest.raises(UserError, match="Labelled has no features"):
        judge.features(torch.zeros(2, 3))
    game = make_game()
    assert Judge(game.critic).features(game.real).shape == (6, 5)


@pytest.mark.parametrize(
    ("side", "payers"),
    [("critic", {"critic"}), ("generator", {"generator"}), ("both", {"critic", "generator"})],
)
def test_who_pays(side, payers):
    regularizer = Regularizer(r1, side=side)
    assert {s for s in ("critic", "generator") if regularizer.is_paid_by(s)} == payers
