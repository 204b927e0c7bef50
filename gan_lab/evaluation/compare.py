"""Several evaluations side by side: only like with like."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gan_lab.errors import UserError
from gan_lab.evaluation.result import Evaluation
from gan_lab.evaluation.score import Family, Score


@dataclass(frozen=True)
class Cell:
    """A score of one run in a comparison.

    Attributes:
        score: The score.
        best: Whether it is the best of its row, or its interval meets that of the best.
    """

    score: Score
    best: bool


@dataclass(frozen=True)
class Line:
    """One score of all runs.

    Attributes:
        name: Name of the score.
        family: The question.
        cells: One per run, in the order of the comparison.
        significant: Whether the intervals of the best and the worst run are apart.
    """

    name: str
    family: Family
    cells: tuple[Cell, ...]
    significant: bool


@dataclass(frozen=True)
class Comparison:
    """Runs, best first, and their scores.

    Attributes:
        runs: The evaluations, sorted by the number of scores that they win or share.
        lines: One per score that all runs have.
        wins: Per run, the significant scores in which it is best or not worse than the best.
    """

    runs: tuple[Evaluation, ...]
    lines: tuple[Line, ...]
    wins: tuple[int, ...]


def compare(evaluations: Sequence[Evaluation], *, differ: Collection[str] = ()) -> Comparison:
    """Put evaluations beside each other.

    A run wins a score if no other is significantly better: two scores differ significantly if their
    95 % intervals are apart, which is stricter than a test at 5 %. Scores in which no run is
    significantly better decide nothing.

    Args:
        evaluations: Two or more.
        differ: Fields of the receipts that may differ, such as `weights`.

    Raises:
        UserError: If receipts differ elsewhere, naming the difference, or no score is common.
    """
    if len(evaluations) < 2:
        raise UserError("compare: give two or more runs")
    names = [s.name for s in evaluations[0].scores if all(e.score(s.name) for e in evaluations)]
    if not names:
        raise UserError(f"{evaluations[0].name} and {evaluations[1].name} have no score in common")
    rows = {name: [_known(e, name) for e in evaluations] for name in names}
    _refuse_unlike(evaluations, rows, differ)
    lines = [_line(name, scores) for name, scores in rows.items()]
    wins = [
        sum(line.significant and line.cells[i].best for line in lines)
        for i in range(len(evaluations))
    ]
    order = sorted(range(len(evaluations)), key=lambda i: (-wins[i], i))
    sorted_lines = [
        Line(line.name, line.family, tuple(line.cells[i] for i in order), line.significant)
        for line in lines
    ]
    return Comparison(
        tuple(evaluations[i] for i in order), tuple(sorted_lines), tuple(wins[i] for i in order)
    )


def badness(score: Score) -> float:
    """A number of which lower is always better."""
    if score.better == "floor":
        return abs(score.value - score.floor)
    return score.value if score.better == "lower" else -score.value


def _known(evaluation: Evaluation, name: str) -> Score:
    score = evaluation.score(name)
    assert score is not None
    return score


def _refuse_unlike(
    evaluations: Sequence[Evaluation], rows: dict[str, list[Score]], differ: Collection[str]
) -> None:
    for name, scores in rows.items():
        for evaluation, score in zip(evaluations[1:], scores[1:], strict=True):
            found = scores[0].receipt.differences(score.receipt, differ)
            if found:
                raise UserError(
                    f"{evaluations[0].name} and {evaluation.name} cannot be compared: the receipts "
                    f"of {name} differ in {'; '.join(found)}"
                )


def _line(name: str, scores: list[Score]) -> Line:
    ranked = sorted(scores, key=badness)
    best = ranked[0]
    cells = tuple(Cell(s, not _apart(s, best)) for s in scores)
    return Line(name, best.family, cells, any(not cell.best for cell in cells))


def _apart(a: Score, b: Score) -> bool:
    return a.interval[0] > b.interval[1] or b.interval[0] > a.interval[1]
