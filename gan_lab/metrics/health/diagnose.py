"""From a window of signals to one verdict."""

from collections.abc import Callable, Sequence

from gan_lab.errors import UserError
from gan_lab.metrics.health.critic_rules import overfits, overpowers
from gan_lab.metrics.health.generator_rules import collapsed, leaks, oscillating
from gan_lab.metrics.health.gradient_rules import diverged, vanishing
from gan_lab.metrics.health.signals import Signals
from gan_lab.metrics.health.state import Diagnosis, Finding, State
from gan_lab.metrics.health.thresholds import WINDOW

Rule = Callable[[Sequence[Signals]], Finding | None]

RULES: tuple[tuple[State, Rule], ...] = (
    (State.DIVERGED, diverged),
    (State.VANISHING, vanishing),
    (State.LEAKS, leaks),
    (State.COLLAPSED, collapsed),
    (State.OVERFITS, overfits),
    (State.OSCILLATING, oscillating),
    (State.OVERPOWERS, overpowers),
)
"""Causes come before what follows from them: the first rule that finds something has the word."""


def diagnose(history: Sequence[Signals]) -> Diagnosis:
    """Judge the last `WINDOW` signals of a run.

    Only what has diverged is named at once; everything else must last for the whole window.

    Args:
        history: Signals in the order of their steps, one or more.

    Raises:
        UserError: If there are none.

    >>> diagnose([Signals(step=50)]).state
    <State.TOO_EARLY: 'too early'>
    """
    if not history:
        raise UserError("there are no signals to judge yet; train for callbacks.health.every steps")
    window = history[-WINDOW:]
    for state, rule in RULES:
        if state is State.DIVERGED or len(window) == WINDOW:
            finding = rule(window)
            if finding is not None:
                return Diagnosis(state, finding.evidence, finding.advice, window[-1].step)
    if len(window) < WINDOW:
        few = f"{len(window)} of the {WINDOW} measurements that a verdict needs"
        return Diagnosis(State.TOO_EARLY, few, "", window[-1].step)
    return Diagnosis(State.HEALTHY, _all_well(window[-1]), "", window[-1].step)


def _all_well(now: Signals) -> str:
    parts = []
    if now.accuracy is not None:
        parts.append(f"the critic is right in {now.accuracy:.0%} of pairs")
    if now.diversity is not None:
        parts.append(f"samples are {now.diversity:.0%} as far apart as data")
    if now.distance is not None:
        parts.append(f"energy distance to the data {now.distance:.3g}")
    return ", ".join(parts) or "nothing to measure"
