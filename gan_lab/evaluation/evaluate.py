"""From samples and real rows to scores and verdicts."""

from collections.abc import Callable, Iterable, Sequence

from gan_lab.data.base import DataModule
from gan_lab.data.samples import Samples
from gan_lab.evaluation import distances, dynamics, verdicts
from gan_lab.evaluation.beside_train import beside_train
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.costly import costly_scores, wanted
from gan_lab.evaluation.details import details_of
from gan_lab.evaluation.drawn import drawn
from gan_lab.evaluation.features import AUTO, choose
from gan_lab.evaluation.membership import Critic, membership_scores
from gan_lab.evaluation.novelty import novelty_of
from gan_lab.evaluation.repeats import Measure
from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.scored import Seen, scores_of
from gan_lab.evaluation.seeing import measures_of, see
from gan_lab.evaluation.sets import Sets, gather
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.temporal.cointegration import LEAST_STEPS
from gan_lab.model.classifier import FittedClassifier

STAGES = ("classifier", "features", "distances", "dynamics", "novelty", "membership")
Tell = Callable[[str], None]


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
    critic: Critic | None = None,
    costly: Sequence[str] = (),
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
        critic: Rows and labels to logits, such as `load_critic(run).logits`; None leaves out what
            it remembers.
        costly: Names of scores that train networks of their own: `discriminative`, `predictive`,
            `trained_on_samples`, `recovery` or `all`.

    Raises:
        UserError: If shapes differ, there are too few rows, or samples are not finite.
    """
    data.setup()
    fake = drawn(generator, data.train, n, seed)
    name = name or generator.folder.parent.name
    sets = gather(fake, data, name=name, weights=weights, seed=seed, most=n)
    return evaluate_sets(
        sets, features=features, tell=tell, critic=critic, costly=costly, generator=generator
    )


def evaluate_samples(
    samples: Samples,
    data: DataModule,
    *,
    seed: int = 0,
    features: str = AUTO,
    name: str = "samples",
    tell: Tell = lambda stage: None,
    costly: Sequence[str] = (),
) -> Evaluation:
    """The same for samples that any tool has made.

    Args:
        samples: Samples in model range, with labels if they were asked for some.
        data: What they are to be compared with.
        seed: Seed of classifier, halves and directions.
        features: Name of the extractor, see `gan_lab.evaluation.features.choose`.
        name: Name in the report.
        tell: Is called with each of `STAGES` as it begins.
        costly: Names of scores that train networks of their own: `discriminative`, `predictive`,
            `trained_on_samples` or `all`.

    Raises:
        UserError: If shapes differ, there are too few rows, or samples are not finite.
    """
    sets = gather(samples, data, name=name, weights="samples", seed=seed, most=len(samples))
    return evaluate_sets(sets, features=features, tell=tell, costly=costly)


def evaluate_sets(
    sets: Sets,
    *,
    features: str = AUTO,
    tell: Tell = lambda stage: None,
    critic: Critic | None = None,
    costly: Sequence[str] = (),
    generator: PortableGenerator | None = None,
) -> Evaluation:
    """Scores and verdicts of `gather`ed sets.

    Args:
        sets: The rows.
        features: Name of the extractor.
        tell: Is called with each stage as it begins.
        critic: Rows and labels to logits, for what it remembers; None if it is not known.
        costly: Names of scores that train networks of their own, see `costly_scores`.
        generator: The generator itself, for scores that look into it; None if it is not known.

    Raises:
        UserError: If a name is unknown, before any work is spent.
    """
    wanted(sets, costly, generator)
    tell("classifier")
    judge = _judge(sets)
    tell("features")
    seen = see(sets, choose(features, sets.spec, judge), judge)
    tell("distances")
    ordered = sets.real.start is not None
    meanings = distances.MEANINGS
    scores = scores_of(sets, seen, measures_of(sets, seen), meanings, ordered=ordered)
    tell("dynamics")
    scores += _dynamics(sets)
    tell("novelty")
    novelty = novelty_of(sets)
    copying = beside_train(sets)
    tell("membership")
    copying += membership_scores(sets, critic)
    scores += costly_scores(sets, costly, tell, generator)
    found: list[Verdict] = [verdicts.faithful(scores), verdicts.covers(scores)]
    if sets.spec.modality == "series":
        found.append(verdicts.dynamics(scores))
    found.append(verdicts.novel(novelty.audit))
    return Evaluation(
        name=sets.name,
        data=sets.spec.name,
        modality=sets.spec.modality,
        verdicts=tuple(found),
        scores=(*scores, *novelty.scores, *copying),
        warnings=(*_warnings(sets, seen, scores), *novelty.warnings),
        pairs=novelty.pairs,
        details={"novelty": novelty.to_dict(), **details_of(sets, seen)},
    )


def _judge(sets: Sets) -> FittedClassifier | None:
    if len(sets.spec.classes) < 2 or sets.train.label is None:
        return None
    return fitted(sets.train, sets.held_out, seed=sets.seed)


def _dynamics(sets: Sets) -> list[Score]:
    if sets.spec.modality != "series" or sets.spec.spatial[0] < dynamics.SHORTEST:
        return []
    real, fake = (sets.spec.to_window_units(rows.x).double() for rows in (sets.real, sets.fake))
    windows = dynamics.Windows.of(real)
    seen = Seen(windows.rows(real), windows.rows(fake), Flatten())
    measures: list[Measure] = [dynamics.of_windows]
    measures += [dynamics.of_graphs()] if sets.spec.channels > 1 else []
    ordered = sets.real.start is not None
    return scores_of(sets, seen, measures, dynamics.MEANINGS, ordered=ordered)


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
    if sets.train.start is not None:
        found.append(
            "Held-out windows are later than training windows: membership and nearness also see "
            "how the history changes."
        )
    if sets.spec.modality == "series" and sets.spec.spatial[0] < LEAST_STEPS:
        found.append(
            f"Cointegration is not tested: windows have {sets.spec.spatial[0]} steps, the tests "
            f"need {LEAST_STEPS}."
        )
    return found
