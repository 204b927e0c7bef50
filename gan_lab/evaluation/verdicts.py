"""Four questions, one answer each, in plain words."""

from collections.abc import Mapping, Sequence

from gan_lab.evaluation.result import Answer, Verdict
from gan_lab.evaluation.score import Score
from gan_lab.metrics.novelty import Novelty

MOSTLY = 0.8
NOVEL: Mapping[str, Answer] = {
    "none found": "yes",
    "copying found": "no",
    "cannot tell": "cannot tell",
}
FAR_CAUSES = {"acf": "autocorrelation", "acf_size": "clustering of sizes", "acf_square":
              "clustering of squares", "cross_correlation": "cross-correlation",
              "leverage": "leverage", "spectrum": "spectrum", "stationarity": "stationarity",
              "granger_strength": "Granger strengths", "granger_f1": "Granger edges",
              "cointegrated_pairs": "cointegrated pairs",
              "cointegration_rank": "cointegration rank"}  # fmt: skip


def faithful(scores: Sequence[Score]) -> Verdict:
    """Do samples look like real rows?

    Yes if no score of the family is worse than between real rows; mostly if at least 80 % as many
    samples lie among real rows as real rows do.
    """
    mine, lead = _family(scores, "faithful", "precision")
    distance = next(s for s in mine if s.name in ("frechet", "sliced_wasserstein"))
    what = {"frechet": "Fréchet distance"}.get(distance.name, "sliced Wasserstein distance")
    answer = _graded(mine, lead)
    text = (
        f"{_said(answer, 'faithful')} {lead.value:.0%} of the samples lie among real ones; of "
        f"fresh real ones it is {lead.floor:.0%}. The {what} is {_number(distance.value)}, between "
        f"real samples {_number(distance.floor)}.{_worse(mine, answer)}"
    )
    return Verdict("faithful", answer, text, lead.name)


def covers(scores: Sequence[Score]) -> Verdict:
    """Do samples reach all that real rows reach? Graded like `faithful`, by coverage."""
    mine, lead = _family(scores, "covers", "coverage")
    answer = _graded(mine, lead)
    parts = [
        f"{_said(answer, 'covering')} Samples reach {lead.value:.0%} of the places where real ones "
        f"are; fresh real ones reach {lead.floor:.0%}."
    ]
    modes = next((s for s in mine if s.name == "modes_covered"), None)
    if modes is not None:
        parts.append(f"Modes found: {modes.value:.3g}; by real samples {modes.floor:.3g}.")
    return Verdict("covers", answer, " ".join(parts) + _worse(mine, answer), lead.name)


def dynamics(scores: Sequence[Score]) -> Verdict:
    """Do series move like real ones? Mostly if three of four statistics are as between reals."""
    mine = [s for s in scores if s.family == "dynamics"]
    far = [s for s in mine if not s.like_real]
    kept = len(mine) - len(far)
    answer: Answer = "yes" if not far else "mostly" if kept >= 0.75 * len(mine) else "no"
    text = (
        f"{_said(answer, 'dynamic')} {kept} of {len(mine)} statistics in time are as close to the "
        "real ones as parts of the real history are to each other."
    )
    if far:
        text += f" Off: {', '.join(FAR_CAUSES[s.name] for s in far)}."
    lead = max(mine, key=_excess)
    return Verdict("dynamics", answer, text, lead.name)


def novel(audit: Novelty) -> Verdict:
    """Are samples new? Whatever the audit says; that copies were not found is no clearance."""
    score = "close_to_train" if audit.close is not None else ""
    return Verdict("novel", NOVEL[audit.verdict], audit.text, score)


def _family(scores: Sequence[Score], family: str, lead: str) -> tuple[list[Score], Score]:
    mine = [s for s in scores if s.family == family]
    return mine, next(s for s in mine if s.name == lead)


def _graded(scores: Sequence[Score], lead: Score) -> Answer:
    if all(s.like_real for s in scores):
        return "yes"
    return "mostly" if lead.value >= MOSTLY * lead.floor else "no"


def _said(answer: Answer, word: str) -> str:
    words = {
        "faithful": ("Faithful.", "Mostly faithful.", "Not faithful."),
        "covering": ("Covers the data.", "Covers most of the data.", "Does not cover the data."),
        "dynamic": ("Dynamics kept.", "Dynamics mostly kept.", "Dynamics lost."),
    }[word]
    return dict(zip(("yes", "mostly", "no"), words, strict=True))[answer]


def _worse(scores: Sequence[Score], answer: Answer) -> str:
    far = [s.name.replace("_", " ") for s in scores if not s.like_real]
    return "" if answer == "yes" else f" Worse than between real samples: {', '.join(far)}."


def _excess(score: Score) -> float:
    """How far a score is from its floor, in half-widths of the floor's range."""
    low, high = score.floor_interval
    gap = score.value - score.floor if score.better == "lower" else score.floor - score.value
    return gap / max((high - low) / 2, 1e-12)


def _number(value: float) -> str:
    return f"{value:.3g}"
