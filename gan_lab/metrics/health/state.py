"""States of training, and what to say about one."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What is going on."""

    TOO_EARLY = "too early"
    HEALTHY = "healthy"
    DIVERGED = "diverged"
    VANISHING = "vanishing gradient"
    LEAKS = "augmentation leaks"
    COLLAPSED = "generator collapsed"
    OVERFITS = "critic overfits"
    OSCILLATING = "oscillating"
    OVERPOWERS = "critic overpowers"

    @property
    def number(self) -> int:
        """Position in the list: how the state stands in a table of numbers."""
        return list(State).index(self)


@dataclass(frozen=True)
class Finding:
    """What a rule has found.

    Attributes:
        evidence: The numbers that say so.
        advice: The change to try, in keys of the configuration.
    """

    evidence: str
    advice: str


@dataclass(frozen=True)
class Diagnosis:
    """A verdict.

    Attributes:
        state: What is going on.
        evidence: The numbers that say so.
        advice: The change to try, in keys of the configuration; empty where nothing is wrong.
        step: Generator steps done.
    """

    state: State
    evidence: str
    advice: str
    step: int

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        advice = f" Try: {self.advice}." if self.advice else ""
        return f"step {self.step:,}: {self.state}: {self.evidence}.{advice}"


def word_of(number: float) -> str:
    """The word of a state's number, for a progress line.

    >>> word_of(1.0), word_of(float(State.LEAKS.number))
    ('healthy', 'augmentation leaks')
    """
    return str(list(State)[int(number)])
