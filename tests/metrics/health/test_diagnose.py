"""Every rule at its threshold, on histories made by hand."""

from dataclasses import replace

import pytest

from gan_lab.errors import UserError
from gan_lab.metrics.health import Signals, State, diagnose
from gan_lab.metrics.health.thresholds import WINDOW

WELL = Signals(
    step=0, accuracy=0.7, gap=0.5, overfitting=0.1, overfitting_error=0.1, slope=0.6,
    distance=0.02, diversity=0.95, variety=0.9, duplicates=0.0, movement=0.05, drift=0.1,
    generator_gradient=1e-3, critic_gradient=1e-3, depth=0.1, depth_layer="body.weight",
    leak=0.1, leak_share=0.3,
)  # fmt: skip


def history(n=WINDOW, **changes):
    """`n` signals, all well but for the changes: a value, or a function of the position."""
    return [
        replace(
            WELL, step=50 * (k + 1), **{f: v(k) if callable(v) else v for f, v in changes.items()}
        )
        for k in range(n)
    ]


ILL = [
    (State.DIVERGED, {"failure": "loss/critic was nan at step 3"}, "loss/critic was nan"),
    (State.DIVERGED, {"critic_gradient": 2e6}, "2e+06"),
    (State.DIVERGED, {"distance": 6.0}, "6 times"),
    (State.VANISHING, {"slope": 0.005}, "0.005"),
    (State.VANISHING, {"generator_gradient": 1e-9}, "1e-09"),
    (State.VANISHING, {"depth": 1e-5}, "body.weight gets 1e-05"),
    (State.LEAKS, {"leak": 0.8, "leak_share": 0.9, "augment_probability": 1.0}, "probability 1"),
    (State.COLLAPSED, {"diversity": 0.1}, "10.0%"),
    (State.COLLAPSED, {"variety": 0.1}, "directions"),
    (State.COLLAPSED, {"duplicates": 0.5}, "50%"),
    (State.OVERFITS, {"overfitting": 0.9}, "90%"),
    (State.OSCILLATING, {"movement": 0.5, "drift": 0.3, "distance": 0.3}, "3.5 spreads"),
    (State.OVERPOWERS, {"accuracy": 0.99, "distance": 0.3}, "99.0%"),
]


@pytest.mark.parametrize(("state", "changes", "words"), ILL)
def test_each_state_has_evidence_and_advice(state, changes, words):
    verdict = diagnose(history(**changes))
    assert verdict.state is state
    assert words in verdict.evidence
    assert verdict.advice
    assert verdict.step == 50 * WINDOW
    assert words in verdict.sentence


ALMOST = [
    {"critic_gradient": 9e5},
    {"distance": 4.9, "movement": 0.0},
    {"slope": 0.011},
    {"depth": 1.1e-4},
    {"leak": 0.49, "leak_share": 0.9},
    {"leak": 0.9, "leak_share": 0.49},
    {"diversity": 0.21},
    {"duplicates": 0.24},
    {"overfitting": 0.59},
    {"overfitting": 0.9, "overfitting_error": 0.3},
    {"movement": 0.19, "drift": 0.0, "distance": 0.3},
    {"movement": 0.5, "distance": 0.09},
    {"movement": 0.5, "distance": lambda k: 0.5 if k < WINDOW // 2 else 0.37},
    {"accuracy": 0.97, "distance": 0.3},
    {"accuracy": 1.0, "distance": 0.09},
]


@pytest.mark.parametrize("changes", ALMOST)
def test_below_the_line_all_is_well(changes):
    assert diagnose(history(**changes)).state is State.HEALTHY


@pytest.mark.parametrize("changes", [c for s, c, _ in ILL if s is not State.DIVERGED])
def test_one_odd_moment_is_no_state(changes):
    odd = history()
    odd[3] = replace(odd[3], **changes)
    assert diagnose(odd).state is State.HEALTHY


def test_progress_excuses_a_certain_critic_a_moving_centre_and_a_narrow_start():
    falling = {"distance": lambda k: 1.0 * 0.8**k}
    assert diagnose(history(accuracy=1.0, **falling)).state is State.HEALTHY
    assert diagnose(history(movement=0.5, drift=3.0, **falling)).state is State.HEALTHY
    growing = {"diversity": lambda k: 0.15 if k == WINDOW - 1 else 0.05}
    assert diagnose(history(**growing)).state is State.HEALTHY


def test_only_what_diverged_is_named_before_the_window_is_full():
    assert diagnose(history(WINDOW - 1, diversity=0.01)).state is State.TOO_EARLY
    assert diagnose(history(1, failure="loss/critic was inf at step 1")).state is State.DIVERGED
    assert diagnose(history(2, distance=9.0)).state is State.DIVERGED


def test_only_the_last_window_counts():
    late = history(3 * WINDOW, diversity=lambda k: 0.05 if k < 2 * WINDOW else 0.9)
    assert diagnose(late).state is State.HEALTHY
    assert diagnose(late[: 2 * WINDOW]).state is State.COLLAPSED


def test_causes_come_before_what_follows():
    both = history(diversity=0.01, accuracy=1.0, distance=0.5, slope=0.001)
    assert diagnose(both).state is State.VANISHING
    assert diagnose(history(diversity=0.01, accuracy=1.0, distance=0.5)).state is State.COLLAPSED


def test_a_game_without_a_critic_is_judged_by_its_samples():
    none = {k: None for k in ("accuracy", "gap", "slope", "overfitting", "overfitting_error",
                              "critic_gradient", "leak", "leak_share")}  # fmt: skip
    assert diagnose(history(**none)).state is State.HEALTHY
    assert diagnose(history(**none, diversity=0.1)).state is State.COLLAPSED


def test_nothing_measured_is_no_alarm():
    assert diagnose([Signals(step=k) for k in range(WINDOW)]).state is State.HEALTHY


def test_no_history_is_refused():
    with pytest.raises(UserError, match="no signals"):
        diagnose([])
