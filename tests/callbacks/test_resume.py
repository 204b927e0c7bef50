import random

import numpy as np
import pytest
import torch

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.finite import FiniteSteps, FiniteWeights, all_finite, not_finite
from gan_lab.callbacks.interruption import Interrupted, StopOnSignal
from gan_lab.callbacks.resume import (
    ResumeState,
    event_files,
    random_state,
    set_changed,
    set_random_state,
)
from gan_lab.errors import UserError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def draw():
    python = [random.random(), random.gauss(0, 1)]
    return [*python, *np.random.randn(3).tolist(), *torch.randn(3).tolist()]


def test_random_numbers_go_on(tmp_path):
    draw()
    torch.save(random_state(), tmp_path / "state")
    first = draw()
    draw()
    set_random_state(torch.load(tmp_path / "state", weights_only=True))
    assert draw()[2:] == first[2:]


def test_pythons_random_numbers_go_on():
    random.gauss(0, 1)  # leaves a second value behind
    state = random.getstate()
    kept = random_state()
    random.setstate(state)
    expected = [random.gauss(0, 1), random.random()]
    set_random_state(kept)
    assert random.getstate()[1:] == kept_state(kept)
    random.setstate(state)
    assert [random.gauss(0, 1), random.random()] == expected


def kept_state(kept):
    _, inner, gauss = kept["python"]
    return tuple(inner), gauss


def test_only_numbers_that_were_changed_are_set():
    group = {"name": "critic", "lr": 0.1, "base_lr": 0.2, "betas": (0.0, 0.9)}
    defaults = {"lr": 1.0, "betas": (0.5, 0.5)}
    set_changed(group, defaults, ["model.critic_optimizer.lr", "model.generator_optimizer.betas"])
    assert group == {"name": "critic", "lr": 1.0, "base_lr": 1.0, "betas": (0.0, 0.9)}


def test_facts_and_one_state_per_process():
    state = ResumeState({"versions": {"torch": "1"}})
    kept = state.state_dict()
    assert kept["facts"] == {"versions": {"torch": "1"}}
    assert len(kept["random"]) == 1
    assert kept["events"] == {}


def test_no_events_no_files(tmp_path):
    assert event_files(tmp_path) == []


def test_what_was_never_finite_may_stay(toy, images_spec):
    model = toy(images_spec)
    model.register_buffer("mask", torch.tensor([0.0, float("-inf")]))
    watch = FiniteWeights(model)
    watch.check(model, 1)
    model.critic.bias.data.fill_(float("nan"))
    with pytest.raises(UserError, match=r"step 3: the values of critic\.bias are not finite"):
        watch.check(model, 3)


def test_names_of_tensors_that_are_not_finite():
    tensors = {"a": torch.ones(2), "b": torch.tensor([1.0, float("inf")]), "c": torch.tensor(3)}
    assert not_finite({**tensors, "d": None}) == ["b"]


def test_large_numbers_are_finite():
    assert all_finite([torch.tensor([3e38, -3e38]), torch.tensor([6e4] * 9).half()])
    assert not all_finite([torch.tensor([3e38]), torch.tensor([1.0, float("nan")]).half()])


def test_training_goes_on_with_finite_numbers(fit):
    _, model = fit(StopAfter(3), FiniteSteps())
    assert model.steps == 3


class Ring(StopOnSignal):
    """Receives a signal in step 2."""

    def on_train_batch_start(self, trainer, model, *_):
        if model.steps == 1:
            self._handle(15, None)


def test_a_signal_waits_for_the_end_of_the_step(fit):
    with pytest.raises(Interrupted) as stop:
        fit(StopAfter(5), Ring())
    assert stop.value.code == 143
    assert stop.value.saved is None


def test_outside_of_steps_and_a_second_time_a_signal_does_not_wait():
    signals = StopOnSignal()
    with pytest.raises(Interrupted):
        signals._handle(2, None)
    signals = StopOnSignal()
    signals._stepping = True
    signals._handle(2, None)
    with pytest.raises(Interrupted, match="SIGTERM"):
        signals._handle(15, None)
