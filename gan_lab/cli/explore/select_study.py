"""What `gan-lab explore select` chooses from, and what it measures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from gan_lab.atomic import write_atomically
from gan_lab.cli.evaluate import data_of
from gan_lab.cli.sample import labels_of
from gan_lab.cli.writers import WRITERS, Drawn
from gan_lab.data.points import Points
from gan_lab.data.samples import Batch, Samples
from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.features import choose
from gan_lab.explore.selection.calibration import (
    Calibration,
    fit_isotonic,
    fit_logistic,
    miscalibration,
)
from gan_lab.explore.selection.ddls import langevin
from gan_lab.explore.selection.drs import reject
from gan_lab.explore.selection.gain import Gain, measure_gain
from gan_lab.explore.selection.mh import metropolis
from gan_lab.explore.selection.refit import refit
from gan_lab.explore.selection.source import Selection, Source
from gan_lab.export.critic import PortableCritic, load_critic
from gan_lab.export.portable import PortableGenerator, load
from gan_lab.metrics.features.extractor import Extractor
from gan_lab.metrics.modes import ModeReport, mode_report

if TYPE_CHECKING:
    from gan_lab.cli.explore.select import Options
    from gan_lab.data import DataModule

PART = 500
MOST_CALIBRATED = 5000


@dataclass(frozen=True, eq=False)
class Study:
    """A generator, its critic, and real rows in three parts.

    Attributes:
        run: The run folder.
        generator: The generator.
        critic: Its critic, trained on where that was asked for.
        data: The run's data.
        calibrating: Held-out rows that calibrate.
        judging: Held-out rows that judge.
        features: What precision and recall look at.
        labels: Labels of fresh candidates; None: the generator takes none.
        calibration: From logits to log-ratios.
        start: Log-ratios of the calibrating rows.
        raw_z: Miscalibration of the logits as they are, on the judging rows.
        z: The same after calibration.
        refit_text: What further training changed, in words.
    """

    run: Path
    generator: PortableGenerator
    critic: PortableCritic
    data: "DataModule"
    calibrating: Samples
    judging: Samples
    features: Extractor
    labels: Callable[[int, torch.Generator], Tensor] | None
    calibration: Calibration | None = None
    start: Tensor | None = None
    raw_z: float = torch.nan
    z: float = torch.nan
    refit_text: str = ""

    def decode(self, z: Tensor, label: Tensor | None) -> Tensor:
        """Samples, with gradient where it is on."""
        x: Tensor = self.generator.network(z, label)
        return x

    def source(self) -> Source:
        """Generator and calibrated critic as functions."""
        calibration = self.calibration
        assert calibration is not None

        def log_ratio(x: Tensor, label: Tensor | None) -> Tensor:
            return calibration.log_ratio(self.critic.logits(x, label))

        return Source(self.generator.prior, self.decode, log_ratio, self.labels)

    @torch.no_grad()
    def fakes(self, n: int, rng: torch.Generator) -> Batch:
        """Fresh samples with their labels."""
        z = self.generator.prior.sample(n, rng)
        label = None if self.labels is None else self.labels(n, rng)
        labels = [None] * -(-n // PART) if label is None else list(torch.split(label, PART))
        parts = [
            self.decode(part, on) for part, on in zip(torch.split(z, PART), labels, strict=True)
        ]
        return Batch(torch.cat(parts), label)


def prepare(run: Path, options: "Options") -> Study:
    """Load, and divide the held-out rows.

    Raises:
        UserError: If the run has no critic, or the features do not suit the data.
    """
    critic = load_critic(run, trust=options.trust)
    generator = load(run, trust=options.trust)
    data = data_of(run, trust=options.trust)
    data.setup()
    order = torch.randperm(len(data.held_out), generator=torch.Generator().manual_seed(0))
    first, second = order.chunk(2)
    spec = generator.spec
    judge = None
    if spec.classes and options.features in ("auto", "classifier"):
        judge = fitted(data.train, data.held_out)
    return Study(
        run=run,
        generator=generator,
        critic=critic,
        data=data,
        calibrating=data.held_out.select(first[:MOST_CALIBRATED]),
        judging=data.held_out.select(second),
        features=choose(options.features, spec, judge),
        labels=candidate_labels(generator, data.train, options.label),
    )


def calibrated(study: Study, options: "Options") -> Study:
    """The study with a critic that was trained on, if asked for, and calibrated."""
    if options.refit:
        study = _refitted(study, options)
    rng = torch.Generator().manual_seed(options.seed + 1_000_003)
    sets = [_batch(study.calibrating), study.fakes(len(study.calibrating), rng)]
    fresh = [_batch(study.judging), study.fakes(len(study.judging), rng)]
    with torch.no_grad():
        real, fake = (study.critic.logits(*batch) for batch in sets)
        fresh_real, fresh_fake = (study.critic.logits(*batch) for batch in fresh)
    isotonic = options.calibration == "isotonic"
    calibration: Calibration = fit_isotonic(real, fake) if isotonic else fit_logistic(real, fake)
    told = [calibration.log_ratio(x) for x in (fresh_real, fresh_fake)]
    return replace(
        study,
        calibration=calibration,
        start=calibration.log_ratio(real),
        raw_z=miscalibration(fresh_real, fresh_fake),
        z=miscalibration(*told),
    )


def chosen(study: Study, options: "Options") -> Selection:
    """Run the method, under a bar."""
    source, n, seed = study.source(), options.n, options.seed
    if options.method == "drs":
        with _bar("rejection sampling", None) as tell:
            return reject(source, n, percentile=options.percentile, seed=seed, tell=tell)
    with _bar(options.method, n * options.steps) as tell:
        if options.method == "mh":
            return metropolis(
                source, n, steps=options.steps, start=study.start, seed=seed, tell=tell
            )
        return langevin(source, n, steps=options.steps, step=options.step, seed=seed, tell=tell)


def before_and_after(study: Study, selection: Selection, options: "Options") -> Gain:
    """Precision and recall of samples as they come, of the chosen ones, and of training rows."""
    before = study.fakes(options.n, torch.Generator().manual_seed(options.seed + 2_000_003))
    train = study.data.train
    rng = torch.Generator().manual_seed(options.seed)
    other = train.x[torch.randperm(len(train), generator=rng)[: options.n]]
    real = study.judging.x[: options.n]
    sets = [_embedded(study.features, x) for x in (before.x, selection.kept.x, real, other)]
    return measure_gain(before=sets[0], after=sets[1], real=sets[2], other=sets[3])


def modes_of(study: Study, selection: Selection, options: "Options") -> tuple[ModeReport, ...]:
    """Modes and quality before and after, and of real rows, where the population is known."""
    data = study.data
    if not isinstance(data, Points) or data.modes is None:
        return ()
    before = study.fakes(options.n, torch.Generator().manual_seed(options.seed + 2_000_003))
    modes, units = data.modes, study.generator.spec.to_units
    sets = (before.x, selection.kept.x, study.judging.x[: options.n])
    return tuple(mode_report(units(x), modes, data.std) for x in sets)


def write(
    study: Study, selection: Selection, folder: Path, options: "Options", facts: str
) -> list[Path]:
    """Samples as `gan-lab sample` writes them, and the numbers; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    spec, kept = study.generator.spec, selection.kept
    stem = f"selected-{options.method}"
    kinds = ["npy", "png", *(["csv"] if spec.modality != "images" else [])]
    label = None if kept.label is None else kept.label.numpy()
    drawn = Drawn(spec.to_units(kept.x).cpu().numpy(), label, spec)
    paths = [folder / f"{stem}.{kind}" for kind in kinds]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, path in zip(kinds, paths, strict=True):
            writer = WRITERS[kind](path, len(kept))
            writer.write(drawn)
            writer.close()
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    write_atomically(folder / f"{stem}.json", facts.encode())
    return [*paths, folder / f"{stem}.json"]


def _refitted(study: Study, options: "Options") -> Study:
    with _bar("training the critic on", options.refit) as tell:
        found = refit(
            study.critic.network,
            train=study.data.train,
            held_out=study.calibrating,
            fakes=study.fakes,
            steps=options.refit,
            seed=options.seed,
            tell=tell,
        )
    network: nn.Module = found.network
    text = (
        f"critic trained on for {found.steps:,} of {options.refit:,} steps: held-out loss "
        f"{found.before:.4f} before, {found.after:.4f} after (0.6931: knows nothing)"
    )
    return replace(study, critic=replace(study.critic, network=network), refit_text=text)


def candidate_labels(
    generator: PortableGenerator, train: Samples, label: str | None
) -> Callable[[int, torch.Generator], Tensor] | None:
    """Labels as often as training rows have them, or the one that was asked for."""
    if not (generator.classes or generator.attributes):
        if label is not None:
            generator.labels(1, label=label)  # says that the generator is unconditional
        return None
    if label is not None:
        one = labels_of(generator, 1, 0, label)
        assert one is not None
        return lambda n, rng: one.expand(n, *one.shape[1:])
    rows = train.label
    assert rows is not None
    return lambda n, rng: rows[torch.randint(len(rows), (n,), generator=rng)]


def _batch(rows: Samples) -> Batch:
    return Batch(rows.x, rows.label)


@torch.no_grad()
def _embedded(look: Extractor, x: Tensor) -> Tensor:
    return torch.cat([look(part).flatten(1) for part in torch.split(x, PART)])


@contextmanager
def _bar(text: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on the error stream, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(text, total=total)
        yield lambda count: bar.advance(task, count)
