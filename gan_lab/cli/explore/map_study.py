"""What `gan-lab explore map` shows: samples with latents, real rows, and what is known of each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gan_lab.cli.evaluate import data_of
from gan_lab.cli.explore.select_study import candidate_labels
from gan_lab.data.points import Points
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.features import choose
from gan_lab.explore.selection.calibration import Calibration, fit_isotonic
from gan_lab.explore.standing import Standing, standing
from gan_lab.export.critic import CRITIC_CONFIG, PortableCritic, load_critic
from gan_lab.export.portable import PortableGenerator, load
from gan_lab.metrics.features.extractor import Extractor
from gan_lab.model.classifier import FittedClassifier
from gan_lab.types import Label

if TYPE_CHECKING:
    from gan_lab.cli.explore.map import Options
    from gan_lab.data import DataModule

PART = 500
REJECTED = 0.2
MOST_TRAIN = 20_000


@dataclass(frozen=True, eq=False)
class Study:
    """Samples beside real rows.

    Attributes:
        generator: The generator.
        data: The run's data.
        z: Latents, `(n, d)`.
        fake: Their samples.
        train: Training rows, 20,000 at most.
        held_out: Held-out rows.
        look: Features that distances are taken of.
        judge: Classifier of the data; None where they have no classes.
        critic: The critic; None where the run has none.
    """

    generator: PortableGenerator
    data: "DataModule"
    z: Float[Tensor, "n d"]
    fake: Samples
    train: Samples
    held_out: Samples
    look: Extractor
    judge: FittedClassifier | None
    critic: PortableCritic | None

    @cached_property
    def features(self) -> tuple[Tensor, Tensor, Tensor]:
        """Features of training rows, held-out rows and samples."""
        return tuple(embedded(self.look, x.x) for x in (self.train, self.held_out, self.fake))  # type: ignore[return-value]

    @cached_property
    def standing(self) -> Standing:
        """Density and novelty of the samples."""
        train, held_out, fake = self.features
        return standing(fake, train=train, held_out=held_out)

    @cached_property
    def calibration(self) -> Calibration:
        """From the critic's logits to log-ratios, by held-out rows and the samples themselves."""
        return fit_isotonic(self.logits(self.held_out), self.logits(self.fake))

    @torch.no_grad()
    def logits(self, rows: Samples) -> Float[Tensor, " n"]:
        """The critic's logits.

        Raises:
            UserError: If the run has no critic.
        """
        if self.critic is None:
            raise UserError(
                "colour=critic: the run keeps no critic beside its generator "
                f"({CRITIC_CONFIG} is missing); train again, or choose another colour"
            )
        return self.critic.logits(rows.x, rows.label)

    @cached_property
    def rejected(self) -> Bool[Tensor, " n"] | None:
        """Samples with a probability of being real below 1/5; None without a critic."""
        if self.critic is None:
            return None
        ratio = self.calibration.log_ratio(self.logits(self.fake))
        return ratio.sigmoid() < REJECTED

    def classes(self, rows: Samples) -> tuple[Int[Tensor, " n"], tuple[str, ...]]:
        """The class of each row, and the names.

        Raises:
            UserError: If neither classes nor modes are known.
        """
        spec, data = self.generator.spec, self.data
        if self.judge is not None:
            parts = [self.judge.probabilities(part).argmax(1) for part in torch.split(rows.x, PART)]
            return torch.cat(parts), spec.classes
        if isinstance(data, Points) and data.modes is not None:
            gap = torch.cdist(spec.to_units(rows.x), data.modes)
            return gap.argmin(1), tuple(str(k + 1) for k in range(len(data.modes)))
        raise UserError(f"colour=class: {spec.name} has no classes; try colour=density")


def prepare(run: Path, options: "Options") -> Study:
    """Load, draw samples, take rows.

    Raises:
        UserError: If the run cannot be read, or a label or the features do not suit it.
    """
    generator = load(run, trust=options.trust)
    has_critic = (generator.folder / CRITIC_CONFIG).is_file()
    if "critic" in options.colours and not has_critic:
        load_critic(run)  # says what is missing
    data = data_of(run, trust=options.trust)
    data.setup()
    labelled = bool(generator.spec.classes)
    judge = fitted(data.train, data.held_out) if labelled else None
    rng = torch.Generator().manual_seed(options.seed)
    z = generator.latents(options.n, options.seed)
    labels = candidate_labels(generator, data.train, options.label)
    label = None if labels is None else labels(options.n, rng)
    return Study(
        generator=generator,
        data=data,
        z=z,
        fake=Samples(_generated(generator, z, label), label, generator.spec),
        train=_some(data.train, MOST_TRAIN, rng),
        held_out=_some(data.held_out, max(options.n, 2000), rng),
        look=choose(options.features, generator.spec, judge),
        judge=judge,
        critic=load_critic(run, trust=options.trust) if has_critic else None,
    )


@torch.no_grad()
def embedded(look: Callable[[Tensor], Tensor], x: Float[Tensor, "n c *s"]) -> Float[Tensor, "n f"]:
    """Features in parts."""
    return torch.cat([look(part).flatten(1) for part in torch.split(x, PART)])


def _generated(generator: PortableGenerator, z: Tensor, label: Label | None) -> Tensor:
    labels = [None] * -(-len(z) // PART) if label is None else list(torch.split(label, PART))
    parts = zip(torch.split(z, PART), labels, strict=True)
    return torch.cat([generator.generate(part, on).cpu() for part, on in parts])


def _some(rows: Samples, most: int, rng: torch.Generator) -> Samples:
    return rows.select(torch.randperm(len(rows), generator=rng)[:most])
