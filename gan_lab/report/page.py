"""The page: verdicts first, then what they rest on. No script, no request, one file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from gan_lab import __version__
from gan_lab.atomic import write_atomically
from gan_lab.evaluation.dynamics import MOST_LAGS
from gan_lab.evaluation.result import Evaluation, Pair, Verdict
from gan_lab.evaluation.score import Receipt, Score
from gan_lab.evaluation.sets import Sets
from gan_lab.evaluation.words import words
from gan_lab.render.style import channel_name
from gan_lab.report.charts import cloud, histogram
from gan_lab.report.embedding import coverage_map
from gan_lab.report.gauge import gauge, number
from gan_lab.report.levels import level_charts, support_text
from gan_lab.report.pictures import flat_pair, one, picture, sheets, square_box
from gan_lab.report.temporal import chart_of, mean_correlation, temporal_of
from gan_lab.report.training import training_of

FOLDER = Path(__file__).parent
QUESTIONS = {
    "faithful": "Is it faithful?",
    "covers": "Does it cover the data?",
    "dynamics": "Are the dynamics kept?",
    "novel": "Is it novel?",
}
MOST_CHANNELS = 12


@dataclass(frozen=True)
class Card:
    """A verdict with its leading score, as number and as picture."""

    verdict: Verdict
    question: str
    score: Score | None
    picture: Markup
    caption: str


@dataclass(frozen=True)
class Twin:
    """A sample between its nearest training row and its nearest held-out row."""

    pair: Pair
    train: Markup
    sample: Markup
    held_out: Markup


@dataclass(frozen=True)
class Share:
    """One class: its share among real rows and among samples, in per cent of the largest."""

    name: str
    real: float
    fake: float
    real_width: float
    fake_width: float


def write_report(
    path: Path, evaluation: Evaluation, sets: Sets, run: Path | None = None, latent: str = ""
) -> None:
    """Write one HTML file that needs nothing else.

    Args:
        path: The file.
        evaluation: What was found.
        sets: The rows that it was found on.
        run: Run folder, whose curves, health and configuration are shown.
        latent: Name of the page of the latent space beside this one; empty: there is none.

    Raises:
        UserError: If the file cannot be written.
    """
    write_atomically(path, render_report(evaluation, sets, run, latent).encode())


def render_report(
    evaluation: Evaluation, sets: Sets, run: Path | None = None, latent: str = ""
) -> str:
    """The page as text."""
    temporal = temporal_of(sets) if sets.spec.modality == "series" else None
    return page(
        "report.html.j2",
        evaluation=evaluation,
        latent=latent,
        spec=sets.spec,
        rows={"fake": len(sets.fake), "train": len(sets.train), "held_out": len(sets.held_out)},
        weights=sets.weights,
        cards=[_card(v, evaluation, sets) for v in evaluation.verdicts],
        sheets=sheets(sets.real.x, sets.fake.x, sets.spec),
        twins=[_twin(p, sets) for p in evaluation.pairs],
        map=coverage_map(sets),
        marginals=_marginals(sets),
        shares=_shares(evaluation),
        levels=level_charts(evaluation),
        support=support_text(evaluation),
        receipts=_receipts(evaluation),
        temporal=temporal,
        training=training_of(run),
    )


def page(template: str, **content: object) -> str:
    """A template of this folder, filled in; text is escaped."""
    now = datetime.now(UTC)
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(
        style=Markup((FOLDER / "style.css").read_text()),
        version=__version__,
        date=f"{now.day} {now:%B %Y}",
        gauge=gauge,
        number=number,
        words=words,
        **content,
    )


def _card(verdict: Verdict, evaluation: Evaluation, sets: Sets) -> Card:
    shown, caption = _evidence(verdict, evaluation, sets)
    score = evaluation.score(verdict.score)
    return Card(verdict, QUESTIONS[verdict.question], score, shown, caption)


def _evidence(verdict: Verdict, evaluation: Evaluation, sets: Sets) -> tuple[Markup, str]:
    """The picture that goes with a verdict."""
    if verdict.question == "faithful":
        points = sets.spec.modality == "points"
        first = channel_name(sets.spec.channel_names, 0)
        caption = f"distribution of {first}" if points else "real above, generated below"
        return _side_by_side(sets, caption), caption
    if verdict.question == "covers":
        return coverage_map(sets, side=220.0), "training, held-out and generated samples"
    if verdict.question == "dynamics":
        return _strongest_correlation(sets)
    if sets.spec.modality == "points":
        return _near_training(evaluation, sets), "training points, and the 16 closest samples"
    if evaluation.pairs:
        twin = _twin(evaluation.pairs[0], sets)
        trio = Markup('<div class="trio">{}{}{}</div>').format(
            twin.train, twin.sample, twin.held_out
        )
        return trio, "closest training row, sample, closest held-out row"
    return Markup(""), ""


def _side_by_side(sets: Sets, caption: str) -> Markup:
    spec = sets.spec
    if spec.modality == "images":
        both = torch.cat([sets.real.x[:6], sets.fake.x[:6]])
        return picture(both, spec, caption, columns=6)
    if spec.modality == "series":
        pairs = [one(sets.real.x[k], spec, "real", "real") for k in range(3)]
        pairs += [one(sets.fake.x[k], spec, "generated", "fake") for k in range(3)]
        return Markup('<div class="sparks">{}</div>').format(Markup("").join(pairs))
    units = [spec.to_window_units(x).float()[:, 0] for x in (sets.real.x, sets.fake.x)]
    return histogram(units[0], units[1], caption)


def _near_training(evaluation: Evaluation, sets: Sets) -> Markup:
    train = flat_pair(sets.spec.to_window_units(sets.train.x[:1500]).float())
    rows = torch.tensor([pair.sample for pair in evaluation.pairs])
    near = flat_pair(sets.spec.to_window_units(sets.fake.x[rows]).float())
    groups = [("muted", train, 1.6), ("fake", near, 4.0)]
    return cloud(groups, "closest samples", box=square_box(train), side=220.0, axes=False)


def _strongest_correlation(sets: Sets) -> tuple[Markup, str]:
    """Autocorrelation of the channel that has the most of it."""
    units = [sets.spec.to_window_units(rows.x).double() for rows in (sets.real, sets.fake)]
    lags = min(MOST_LAGS, max(1, sets.spec.spatial[0] // 3))
    real, fake = (mean_correlation(x, lags) for x in units)
    channel = int(real.abs().sum(dim=1).nan_to_num(0.0).argmax())
    name = channel_name(sets.spec.channel_names, channel)
    caption = f"autocorrelation by lag, {name}: real blue, generated orange"
    return chart_of(real[channel], fake[channel], caption, lags), caption


def _twin(pair: Pair, sets: Sets) -> Twin:
    return Twin(
        pair,
        one(sets.train.x[pair.train], sets.spec, "training row", "real"),
        one(sets.fake.x[pair.sample], sets.spec, "sample", "fake"),
        one(sets.held_out.x[pair.held_out], sets.spec, "held-out row", "real"),
    )


def _marginals(sets: Sets) -> list[tuple[str, Markup]]:
    if sets.spec.modality == "images" and sets.spec.channels > 4:
        return []
    units = [sets.spec.to_window_units(x).float() for x in (sets.real.x, sets.fake.x)]
    found = []
    for k in range(min(sets.spec.channels, MOST_CHANNELS)):
        name = channel_name(sets.spec.channel_names, k)
        values = [y[:, k].flatten() for y in units]
        thin = [v[:: max(1, len(v) // 200_000)] for v in values]
        found.append((name, histogram(thin[0], thin[1], f"distribution of {name}")))
    return found


def _receipts(evaluation: Evaluation) -> list[tuple[list[str], Receipt]]:
    """Each receipt once, after the scores that it belongs to."""
    found: list[tuple[list[str], Receipt]] = []
    for score in evaluation.scores:
        names = next((names for names, receipt in found if receipt == score.receipt), None)
        if names is None:
            found.append(([words(score.name)], score.receipt))
        else:
            names.append(words(score.name))
    return found


def _shares(evaluation: Evaluation) -> list[Share]:
    report = evaluation.details.get("classifier")
    if report is None:
        return []
    real, fake = report["held_out"]["shares"], report["samples"]["shares"]
    most = max(*real, *fake) or 1.0
    return [
        Share(name, a, b, 100 * a / most, 100 * b / most)
        for name, a, b in zip(report["classes"], real, fake, strict=True)
    ]
