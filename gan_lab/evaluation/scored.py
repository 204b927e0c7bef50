"""From a repeated measurement to a score with its receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gan_lab.evaluation import distances
from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.features import resize_of
from gan_lab.evaluation.repeats import Measure, Repeated, Rows, repeated
from gan_lab.evaluation.score import Interval, Receipt, Score, versions
from gan_lab.evaluation.sets import Sets
from gan_lab.metrics.features.extractor import Extractor, weights_digest
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.model.classifier import FittedClassifier


@dataclass(frozen=True)
class Seen:
    """Real rows and samples as the measures read them, and through what they were seen."""

    real: Rows
    fake: Rows
    extractor: Extractor
    judge: FittedClassifier | None = None


def scores_of(
    sets: Sets,
    seen: Seen,
    measures: Sequence[Measure],
    meanings: Mapping[str, Meaning],
    *,
    ordered: bool = False,
) -> list[Score]:
    """Scores of samples and real rows in repeated halves; `ordered` adds the drift of a history."""
    found = repeated(measures, real=seen.real, fake=seen.fake, seed=sets.seed, ordered=ordered)
    split = f"halves of {len(seen.real):,} {sets.split}"
    return [
        score_of(sets, name, one, meanings[name], evaluator_of(seen, meanings[name].part), split)
        for name, one in found.items()
    ]


def score_of(
    sets: Sets, name: str, one: Repeated, meaning: Meaning, evaluator: tuple[str, str], split: str
) -> Score:
    """One score with its receipt.

    Args:
        sets: The rows.
        name: Name of the score.
        one: Value, floor and their intervals.
        meaning: What it says.
        evaluator: Name and digest of what it was seen through.
        split: Which real rows.
    """
    receipt = Receipt(
        evaluator=evaluator[0],
        digest=evaluator[1],
        resize=resize_of(evaluator[0]),
        n_real=one.n,
        n_fake=one.n,
        split=split,
        seed=sets.seed,
        weights=sets.weights,
        data=sets.fingerprint,
        versions=versions(),
    )
    return Score(
        name=name,
        family=meaning.family,
        value=one.value,
        interval=_within(one.interval, meaning),
        floor=one.floor,
        floor_interval=_within(one.floor_interval, meaning),
        better=meaning.better,
        receipt=receipt,
        drift=one.drift,
    )


def evaluator_of(seen: Seen, part: str) -> tuple[str, str]:
    """Name and digest of what a part of the rows was seen through."""
    if part == distances.FEATURES:
        return seen.extractor.name, seen.extractor.digest
    if part == distances.CLASSES and seen.judge is not None:
        return "classifier", weights_digest(seen.judge.network)
    return "values", Flatten.digest


def _within(interval: Interval, meaning: Meaning) -> Interval:
    low, high = (min(max(end, meaning.least), meaning.most) for end in interval)
    return low, high
