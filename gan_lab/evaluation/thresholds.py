"""Limits for continuous integration: which scores are not good enough?"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from gan_lab.errors import UserError
from gan_lab.evaluation.result import Evaluation


@dataclass(frozen=True)
class Limit:
    """A score and the worst value that is still accepted."""

    name: str
    worst: float


def parse_limits(text: str | None) -> tuple[Limit, ...]:
    """Limits as typed, such as `precision:0.7,frechet:20`.

    Raises:
        UserError: If a part has no name or no number.

    >>> parse_limits("precision:0.7")
    (Limit(name='precision', worst=0.7),)
    """
    limits = []
    for part in (text or "").strip("[]{} ").split(","):
        name, _, number = part.strip().partition(":")
        try:
            limits += [Limit(name.strip(), float(number))] if part.strip() else []
        except ValueError as error:
            raise UserError(
                f"fail_below={text}: expected NAME:NUMBER, such as precision:0.7,frechet:20"
            ) from error
    return tuple(limits)


def failures(evaluation: Evaluation, limits: Sequence[Limit]) -> list[str]:
    """One sentence for each score that is worse than its limit.

    Scores of which lower is better fail above the limit, all others below it.

    Raises:
        UserError: If a limit names no score.
    """
    failed = []
    for limit in limits:
        score = evaluation.score(limit.name)
        if score is None:
            raise UserError(_unknown(limit.name, [s.name for s in evaluation.scores]))
        above = score.better == "lower"
        # A score that is not a number never passes.
        passed = score.value <= limit.worst if above else score.value >= limit.worst
        if not passed:
            word = "above" if above else "below"
            failed.append(f"{limit.name} is {score.value:.4g}, {word} {limit.worst:g}")
    return failed


def _unknown(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"fail_below: no score {name!r}; {hint}scores: {', '.join(names)}"
