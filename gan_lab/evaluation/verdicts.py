"""Four questions, one answer each, in plain words."""

from collections.abc import Mapping, Sequence

from gan_lab.evaluation.result import Answer, Verdict
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.words import percent, words
from gan_lab.metrics.novelty import Novelty

# How much of what real rows reach is enough for "mostly". Density sees samples that lie in the wide
# balls of outliers, where precision is fooled; it also falls where samples are only a bit off.
ENOUGH = {
    "faithful": {
        "precision": 0.8, "density": 0.5, "confident": 0.8, "as_labelled": 0.8, "high_quality": 0.8
    },
    "covers": {"coverage": 0.8, "modes_covered": 0.8},
}  # fmt: skip
NOVEL: Mapping[str, Answer] = {
    "none found": "yes",
    "copying found": "no",
    "cannot tell": "cannot tell",
}


def faithful(scores: Sequence[Score]) -> Verdict:
    """Do samples look like real rows?

    Yes if no score of the family is worse than between real rows; mostly if precision and what a
    classifier sees reach 80 % of the real rows' values, and density half of it.
    """
    mine, lead = _family(scores, "faithful")
    precision = next(s for s in mine if s.name == "precision")
    distance = next(s for s in mine if s.name in ("frechet", "sliced_wasserstein"))
    answer = _graded(mine, lead)
    text = (
        f"{_said(answer, 'faithful')} {percent(precision.value)} of the samples lie among real "
        f"ones; of fresh real ones it is {percent(precision.floor)}. The {words(distance.name)} is "
        f"{_number(distance.value)}, between real samples {_number(distance.floor)}."
        f"{_worse(mine, answer)}"
    )
    return Verdict("faithful", answer, text, lead.name)


def covers(scores: Sequence[Score]) -> Verdict:
    """Do samples reach all that real rows reach?

    Yes if no score of the family is worse than between real rows; mostly if coverage, and the
    number of known modes, reach 80 % of the real rows' values.
    """
    mine, lead = _family(scores, "covers")
    coverage = next(s for s in mine if s.name == "coverage")
    answer = _graded(mine, lead)
    parts = [
        f"{_said(answer, 'covering')} Samples reach {percent(coverage.value)} of the places where "
        f"real ones are; fresh real ones reach {percent(coverage.floor)}."
    ]
    modes = next((s for s in mine if s.name == "modes_covered"), None)
    if modes is not None:
        parts.append(f"Modes found: {modes.value:.3g}; by real samples {modes.floor:.3g}.")
    return Verdict("covers", answer, " ".join(parts) + _worse(mine, answer), lead.name)


def dynamics(scores: Sequence[Score]) -> Verdict:
    """Do series move like real ones?

    Yes if no statistic is worse than between real rows; mostly if three of four are not, and none
    of the others is more than twice as far off as real rows are.
    """
    mine = [s for s in scores if s.family == "dynamics"]
    far = [s for s in mine if not s.like_real]
    kept = len(mine) - len(far)
    mostly = kept >= 0.75 * len(mine) and not any(_twice(s) for s in far)
    answer: Answer = "yes" if not far else "mostly" if mostly else "no"
    text = (
        f"{_said(answer, 'dynamic')} {kept} of {len(mine)} statistics in time are as close to the "
        "real ones as parts of the real history are to each other."
    )
    if far:
        text += f" Off: {', '.join(words(s.name) for s in far)}."
    lead = max(mine, key=_excess)
    return Verdict("dynamics", answer, text, lead.name)


def novel(audit: Novelty) -> Verdict:
    """Are samples new? Whatever the audit says; that copies were not found is no clearance."""
    score = "close_to_train" if audit.close is not None else ""
    return Verdict("novel", NOVEL[audit.verdict], audit.text, score)


def _family(scores: Sequence[Score], family: str) -> tuple[list[Score], Score]:
    """The scores of a family, and the one that falls shortest of what is enough."""
    mine = [s for s in scores if s.family == family]
    return mine, min((s for s in mine if s.name in ENOUGH[family]), key=_reached)


def _reached(score: Score) -> float:
    """What is reached of what is enough: 1 or more is enough."""
    enough = ENOUGH[score.family][score.name] * score.floor
    return score.value / enough if enough > 0 else 1.0


def _graded(scores: Sequence[Score], lead: Score) -> Answer:
    if all(s.like_real for s in scores):
        return "yes"
    return "mostly" if _reached(lead) >= 1 else "no"


def _said(answer: Answer, word: str) -> str:
    words = {
        "faithful": ("Faithful.", "Mostly faithful.", "Not faithful."),
        "covering": ("Covers the data.", "Covers most of the data.", "Does not cover the data."),
        "dynamic": ("Dynamics kept.", "Dynamics mostly kept.", "Dynamics lost."),
    }[word]
    return dict(zip(("yes", "mostly", "no"), words, strict=True))[answer]


def _worse(scores: Sequence[Score], answer: Answer) -> str:
    far = [words(s.name) for s in scores if not s.like_real]
    return "" if answer == "yes" else f" Worse than between real samples: {', '.join(far)}."


def _twice(score: Score) -> bool:
    if score.better == "higher":
        return score.value < score.floor / 2
    return score.value > 2 * max(score.floor, score.drift or 0.0)


def _excess(score: Score) -> float:
    """How far a score is from its floor, in half-widths of the floor's range."""
    low, high = score.floor_interval
    gap = score.value - score.floor if score.better == "lower" else score.floor - score.value
    return gap / max((high - low) / 2, 1e-12)


def _number(value: float) -> str:
    return f"{value:.3g}"
