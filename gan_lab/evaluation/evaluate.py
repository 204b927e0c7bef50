"""From samples and real rows to scores and verdicts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gan_lab.data.base import DataModule
from gan_lab.data.samples import Samples
from gan_lab.evaluation import distances, dynamics, verdicts
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.drawn import drawn
from gan_lab.evaluation.features import AUTO, choose, resize_of
from gan_lab.evaluation.novelty import novelty_of
from gan_lab.evaluation.repeats import Measure, Repeated, Rows, repeated
from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.score import Interval, Receipt, Score, versions
from gan_lab.evaluation.sets import Sets, gather
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.classes import class_report
from gan_lab.metrics.features.extractor import Extractor, extract, weights_digest
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.modes import mode_report
from gan_lab.metrics.temporal.cointegration import LEAST_STEPS
from gan_lab.model.classifier import FittedClassifier

STAGES = ("classifier", "features", "distances", "dynamics", "novelty")
THRESHOLD = 0.9
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Seen:
    """Real rows and samples as the measures read them, and through what they were seen."""

    real: Rows
    fake: Rows
    extractor: Extractor
    judge: FittedClassifier | None = None


def evaluate(
    generator: PortableGenerator,
    data: DataModule,
    *,
    n: int = 2000,
    seed: int = 0,
    features: str = AUTO,
    weights: str = "ema",
    name: str = "",
    tell: Tell = lambda stage: None,
) -> Evaluation:
    """Draw `n` samples and answer: faithful? covering? dynamics kept? novel?

    Args:
        generator: What to evaluate.
        data: The data that it was trained on.
        n: Number of samples.
        seed: Seed of samples, classifier, halves and directions.
        features: Name of the extractor, see `gan_lab.evaluation.features.choose`.
        weights: Whether the generator holds averaged (`ema`) or last (`raw`) weights.
        name: Name in the report; that of the generator's folder by default.
        tell: Is called with each of `STAGES` as it begins.

    Raises:
        UserError: If shapes differ, there are too few rows, or samples are not finite.
    """
    data.setup()
    fake = drawn(generator, data.train, n, seed)
    name = name or generator.folder.parent.name
    sets = gather(fake, data, name=name, weights=weights, seed=seed, most=n)
    return evaluate_sets(sets, features=features, tell=tell)


def evaluate_samples(
    samples: Samples,
    data: DataModule,
    *,
    seed: int = 0,
    features: str = AUTO,
    name: str = "samples",
    tell: Tell = lambda stage: None,
) -> Evaluation:
    """The same for samples that any tool has made.

    Args:
        samples: Samples in model range, with labels if they were asked for some.
        data: What they are to be compared with.
        seed: Seed of classifier, halves and directions.
        features: Name of the extractor, see `gan_lab.evaluation.features.choose`.
        name: Name in the report.
        tell: Is called with each of `STAGES` as it begins.

    Raises:
        UserError: If shapes differ, there are too few rows, or samples are not finite.
    """
    sets = gather(samples, data, name=name, weights="samples", seed=seed, most=len(samples))
    return evaluate_sets(sets, features=features, tell=tell)


def evaluate_sets(
    sets: Sets, *, features: str = AUTO, tell: Tell = lambda stage: None
) -> Evaluation:
    """Scores and verdicts of `gather`ed sets."""
    tell("classifier")
    judge = _judge(sets)
    tell("features")
    seen = see(sets, choose(features, sets.spec, judge), judge)
    tell("distances")
    scores = _scores(sets, seen, _measures(sets, seen), distances.MEANINGS)
    tell("dynamics")
    scores += _dynamics(sets)
    tell("novelty")
    novelty = novelty_of(sets)
    found: list[Verdict] = [verdicts.faithful(scores), verdicts.covers(scores)]
    if sets.spec.modality == "series":
        found.append(verdicts.dynamics(scores))
    found.append(verdicts.novel(novelty.audit))
    return Evaluation(
        name=sets.name,
        data=sets.spec.name,
        modality=sets.spec.modality,
        verdicts=tuple(found),
        scores=(*scores, *novelty.scores),
        warnings=(*_warnings(sets, seen, scores), *novelty.warnings),
        pairs=novelty.pairs,
        details={"novelty": novelty.to_dict(), **_reports(sets, judge)},
    )


def see(sets: Sets, extractor: Extractor, judge: FittedClassifier | None) -> Seen:
    """Features, values and classes of real rows and samples."""
    parts: list[Rows] = []
    for rows in (sets.real, sets.fake):
        found = {distances.FEATURES: extract(extractor, rows.x), distances.VALUES: rows.x}
        if sets.modes is not None:
            found[distances.UNITS] = sets.spec.to_window_units(rows.x)
        if judge is not None:
            top, predicted = judge.probabilities(rows.x).max(dim=1)
            found |= {distances.CLASSES: predicted, distances.CLEAR: top >= THRESHOLD}
            if rows.label is not None:
                found[distances.AGREES] = predicted == rows.label
        parts.append(Rows(found))
    return Seen(parts[0], parts[1], extractor, judge)


def _judge(sets: Sets) -> FittedClassifier | None:
    if len(sets.spec.classes) < 2 or sets.train.label is None:
        return None
    return fitted(sets.train, sets.held_out, seed=sets.seed)


def _measures(sets: Sets, seen: Seen) -> list[Measure]:
    points, images = (sets.spec.modality == kind for kind in ("points", "images"))
    measures: list[Measure] = [distances.of_shares if points else distances.of_features]
    measures += [] if points else [distances.of_variety]
    measures.append(distances.of_pixels if images else distances.of_values)
    measures += [] if images else [distances.of_energy]
    if sets.modes is not None:
        measures.append(distances.of_modes(sets.modes))
    if distances.CLASSES in seen.real:
        measures.append(distances.of_classes)
    return measures


def _dynamics(sets: Sets) -> list[Score]:
    if sets.spec.modality != "series" or sets.spec.spatial[0] < dynamics.SHORTEST:
        return []
    real, fake = (sets.spec.to_window_units(rows.x).double() for rows in (sets.real, sets.fake))
    windows = dynamics.Windows.of(real)
    seen = Seen(windows.rows(real), windows.rows(fake), Flatten())
    measures: list[Measure] = [dynamics.of_windows]
    measures += [dynamics.of_graphs()] if sets.spec.channels > 1 else []
    return _scores(sets, seen, measures, dynamics.MEANINGS)


def _scores(
    sets: Sets, seen: Seen, measures: list[Measure], meanings: Mapping[str, Meaning]
) -> list[Score]:
    ordered = sets.real.start is not None
    found = repeated(measures, real=seen.real, fake=seen.fake, seed=sets.seed, ordered=ordered)
    return [_score(sets, seen, name, one, meanings[name]) for name, one in found.items()]


def _score(sets: Sets, seen: Seen, name: str, one: Repeated, meaning: Meaning) -> Score:
    evaluator, digest = _evaluator(seen, meaning.part)
    receipt = Receipt(
        evaluator=evaluator,
        digest=digest,
        resize=resize_of(evaluator),
        n_real=one.n,
        n_fake=one.n,
        split=f"halves of {len(seen.real):,} {sets.split}",
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


def _within(interval: Interval, meaning: Meaning) -> Interval:
    low, high = (min(max(end, meaning.least), meaning.most) for end in interval)
    return low, high


def _evaluator(seen: Seen, part: str) -> tuple[str, str]:
    if part == distances.FEATURES:
        return seen.extractor.name, seen.extractor.digest
    if part == distances.CLASSES and seen.judge is not None:
        return "classifier", weights_digest(seen.judge.network)
    return "values", Flatten.digest


def _warnings(sets: Sets, seen: Seen, scores: Iterable[Score]) -> list[str]:
    d = seen.real[distances.FEATURES].shape[1]
    frechet = next((s for s in scores if s.name == "frechet"), None)
    found = []
    if frechet is not None and frechet.receipt.n_real <= d:
        found.append(
            f"{frechet.receipt.n_real:,} rows a side are few for {d:,} features: between real rows "
            f"the Fréchet distance is already {frechet.floor:.3g}. Give more held-out rows, or "
            "fewer features."
        )
    if len(sets.real) < 200:
        found.append(
            f"Only {len(sets.real)} real rows ({sets.split}) to compare with: intervals are wide."
        )
    if sets.spec.modality == "series" and sets.spec.spatial[0] < LEAST_STEPS:
        found.append(
            f"Cointegration is not tested: windows have {sets.spec.spatial[0]} steps, the tests "
            f"need {LEAST_STEPS}."
        )
    return found


def _reports(sets: Sets, judge: FittedClassifier | None) -> dict[str, Any]:
    """What single parts say on all samples at once, beside all held-out rows."""
    found: dict[str, Any] = {}
    if judge is not None:
        label = sets.fake.label if sets.spec.classes else None
        samples = class_report(judge.probabilities(sets.fake.x), label, threshold=THRESHOLD)
        held_out = class_report(
            judge.probabilities(sets.held_out.x), sets.held_out.label, threshold=THRESHOLD
        )
        found["classifier"] = {
            "accuracy": judge.accuracy,
            "samples": asdict(samples),
            "held_out": asdict(held_out),
            "classes": list(sets.spec.classes),
            "seed": sets.seed,
        }
    if sets.modes is not None:
        units = sets.spec.to_window_units(sets.fake.x)
        found["modes"] = asdict(mode_report(units, sets.modes.centres, sets.modes.std))
    return found
