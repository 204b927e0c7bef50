"""What an evaluation found, in numbers and in words."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from gan_lab.errors import UserError
from gan_lab.evaluation.score import Family, Score

FORMAT = 1
Answer = Literal["yes", "mostly", "no", "cannot tell"]


@dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    Attributes:
        question: The question.
        answer: `yes`, `mostly`, `no` or `cannot tell`.
        text: The answer in plain words, with its numbers.
        score: Name of the score that leads it; empty if there is none.
    """

    question: Family
    answer: Answer
    text: str
    score: str = ""


@dataclass(frozen=True)
class Pair:
    """A sample that lies close to a training row.

    Attributes:
        sample: Number of the sample.
        train: Its nearest training row.
        distance: Distance to it.
        held_out: Its nearest held-out row.
        held_out_distance: Distance to that.
    """

    sample: int
    train: int
    distance: float
    held_out: int
    held_out_distance: float


@dataclass(frozen=True)
class Evaluation:
    """Verdicts, the scores behind them and what may be wrong with them.

    Attributes:
        name: Name of the run or of the samples.
        data: Name of the data.
        modality: images, series or points.
        verdicts: One per question.
        scores: All numbers.
        warnings: What limits the numbers, in words.
        pairs: Samples closest to training rows, nearest first.
        details: Reports of single parts: `classifier`, `modes`, `novelty`.
    """

    name: str
    data: str
    modality: str
    verdicts: tuple[Verdict, ...]
    scores: tuple[Score, ...]
    warnings: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def score(self, name: str) -> Score | None:
        """The score of that name, if it was measured."""
        return next((s for s in self.scores if s.name == name), None)

    def verdict(self, question: str) -> Verdict | None:
        """The answer to a question, if it was asked."""
        return next((v for v in self.verdicts if v.question == question), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; numbers that are not finite are None."""
        plain = {
            "format": FORMAT,
            "name": self.name,
            "data": self.data,
            "modality": self.modality,
            "verdicts": [asdict(v) for v in self.verdicts],
            "scores": [s.to_dict() for s in self.scores],
            "warnings": list(self.warnings),
            "pairs": [asdict(p) for p in self.pairs],
            **self.details,
        }
        finite: dict[str, Any] = _finite(plain)
        return finite

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Evaluation":
        """The inverse of `to_dict`.

        Raises:
            UserError: If it is of another format.
        """
        if plain.get("format") != FORMAT:
            raise UserError(
                f"this evaluation has format {plain.get('format')!r}, expected {FORMAT}; "
                "evaluate the run again"
            )
        own = {"format", "name", "data", "modality", "verdicts", "scores", "warnings", "pairs"}
        try:
            return cls(
                name=plain["name"],
                data=plain["data"],
                modality=plain["modality"],
                verdicts=tuple(Verdict(**v) for v in plain["verdicts"]),
                scores=tuple(Score.from_dict(s) for s in plain["scores"]),
                warnings=tuple(plain["warnings"]),
                pairs=tuple(Pair(**p) for p in plain["pairs"]),
                details={k: v for k, v in plain.items() if k not in own},
            )
        except (KeyError, TypeError) as error:
            raise UserError(f"this is no evaluation: {error!r}") from error


def _finite(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
