"""Scores that train networks of their own, and are measured on demand alone."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.recovery import RECOVERY, recovery_score
from gan_lab.evaluation.repeats import Repeated, of_seeds
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.scored import score_of
from gan_lab.evaluation.sets import Sets
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.discriminative import discriminative_score
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.predictive import predictive_score

SEEDS = 3
MOST_WINDOWS = 1000
MEANINGS = {
    "discriminative": Meaning("dynamics", "lower", "values", most=0.5),
    "predictive": Meaning("dynamics", "lower", "values"),
    "trained_on_samples": Meaning("covers", "higher", "values", most=1.0),
}


def costly_scores(
    sets: Sets,
    names: Sequence[str],
    tell: Callable[[str], None],
    generator: PortableGenerator | None = None,
) -> list[Score]:
    """The named scores, with as many seeds for the floor.

    Args:
        sets: The rows.
        names: Some of `discriminative` and `predictive` (series), `trained_on_samples` (labels),
            `recovery` (an unconditional generator), or `all` that suit.
        tell: Is called with each name as it begins.
        generator: The generator itself; None where only its samples are known.

    Raises:
        UserError: If a name is unknown or does not suit the data.
    """
    found = []
    for name in wanted(sets, names, generator):
        tell(name)
        if name == RECOVERY and generator is not None:
            found.append(recovery_score(sets, generator))
            continue
        one, split = MEASURES[name](sets)
        found.append(score_of(sets, name, one, MEANINGS[name], ("values", Flatten.digest), split))
    return found


def wanted(
    sets: Sets, names: Sequence[str], generator: PortableGenerator | None = None
) -> list[str]:
    """Names that are known and suit the data, each once.

    Raises:
        UserError: If one is not.
    """
    suits = {name: _hindrance(sets, name) for name in MEASURES} | {RECOVERY: _hidden(generator)}
    for name in names:
        if name not in (*suits, "all"):
            raise UserError(f"scores={name}: expected some of {', '.join(suits)}, or all")
        if suits.get(name):
            raise UserError(f"scores={name}: {suits[name]}")
    return [name for name, why in suits.items() if not why and {name, "all"} & set(names)]


def _hindrance(sets: Sets, name: str) -> str:
    """Why the data do not suit a score; empty where they do."""
    if name == "trained_on_samples":
        if not sets.spec.classes or sets.fake.label is None:
            return "it needs samples that were asked for a class each"
        return ""
    if sets.spec.modality != "series":
        return "it is for series"
    return "it needs two channels" if name == "predictive" and sets.spec.channels < 2 else ""


def _hidden(generator: PortableGenerator | None) -> str:
    if generator is None:
        return "it needs the generator, not only samples"
    return "it is for unconditional generators" if generator.classes or generator.attributes else ""


def _discriminative(sets: Sets) -> tuple[Repeated, str]:
    a, b, fake = _windows(sets)
    with torch.random.fork_rng(devices=[]):
        scores, floors = (discriminative_score(a, x, runs=SEEDS).scores for x in (fake, b))
    return of_seeds(scores, floors, len(a)), f"halves of {len(sets.real):,} {sets.split}"


def _predictive(sets: Sets) -> tuple[Repeated, str]:
    a, b, fake = _windows(sets)
    with torch.random.fork_rng(devices=[]):
        scores, floors = (predictive_score(a, x, runs=SEEDS).scores for x in (fake, b))
    return of_seeds(scores, floors, len(a)), f"halves of {len(sets.real):,} {sets.split}"


def _trained_on_samples(sets: Sets) -> tuple[Repeated, str]:
    """Accuracy on held-out rows of classifiers that were trained on samples, or on real rows."""
    n = min(len(sets.fake), len(sets.train))
    order = torch.randperm(len(sets.train), generator=torch.Generator().manual_seed(sets.seed))
    both = (sets.fake.select(torch.arange(n)), sets.train.select(order[:n]))
    scores, floors = (
        [fitted(x, sets.held_out, seed=sets.seed + k).accuracy for k in range(SEEDS)] for x in both
    )
    split = f"training rows, accuracy on {len(sets.held_out):,} held-out rows"
    return of_seeds(scores, floors, n), split


MEASURES: dict[str, Callable[[Sets], tuple[Repeated, str]]] = {
    "discriminative": _discriminative,
    "predictive": _predictive,
    "trained_on_samples": _trained_on_samples,
}


def _windows(sets: Sets) -> tuple[Tensor, Tensor, Tensor]:
    """Two halves of the real windows and as many samples, each channel from 0 to 1 in the reals."""
    n = min(len(sets.real) // 2, len(sets.fake), MOST_WINDOWS)
    order = torch.randperm(len(sets.real), generator=torch.Generator().manual_seed(sets.seed))
    real = sets.real.x
    low, high = (real.transpose(0, 1).flatten(1).aminmax(dim=1)[k] for k in (0, 1))
    span = (high - low).clamp(min=1e-12)
    parts = (real[order[:n]], real[order[n : 2 * n]], sets.fake.x[:n])
    a, b, fake = ((x - low[:, None]) / span[:, None] for x in parts)
    return a, b, fake
