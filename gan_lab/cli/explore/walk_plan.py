"""A walk that is asked for, and what comes of it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from torch import Tensor

from gan_lab.cli.explore.walk import Options
from gan_lab.cli.sample import labels_of
from gan_lab.evaluation.features import choose
from gan_lab.explore.geodesic import Geodesic
from gan_lab.explore.output import Decode, Features
from gan_lab.explore.walks import Walk
from gan_lab.export.portable import PortableGenerator
from gan_lab.latent.blend import blended
from gan_lab.types import Label, Prior


@dataclass(frozen=True)
class Plan:
    """A generator and what is to be done with it."""

    generator: PortableGenerator
    options: Options
    run: Path

    @cached_property
    def prior(self) -> Prior:
        """The prior, whose discrete parts switch or blend as asked."""
        prior = self.generator.prior
        return blended(prior) if self.options.blend else prior

    @cached_property
    def rows(self) -> int:
        """Number of latents to begin with."""
        usual = 4 if self.generator.spec.modality == "series" else 8
        usual = {"plane": 6, "volume": 5, "geodesic": 4}.get(self.options.kind, usual)
        return self.options.rows or usual

    @cached_property
    def features(self) -> Features | None:
        """Where output steps are measured."""
        if self.options.features == "values":
            return None
        return choose(self.options.features, self.generator.spec, None)

    def draw(self, n: int) -> Tensor:
        """Latents `(n, d)`, truncated as asked."""
        z = self.generator.latents(n, self.options.seed)
        psi = self.options.truncation
        return z if psi == 1 else self.prior.truncate(z, psi)

    def labels(self, n: int) -> Label | None:
        """One label per row: as asked, or all classes in turn."""
        return labels_of(self.generator, n, 0, self.options.label)

    def decode(self, label: Label | None, row: int) -> Decode:
        """Latents to samples with the label of a row."""
        return self.generator.decoder(None if label is None else label[row : row + 1])


@dataclass(frozen=True)
class Outcome:
    """What was walked.

    Attributes:
        walks: One or more walks; a picture shows them below or beside one another.
        labels: Label of each row of each walk, or None; class sweeps carry their own.
        smooth: Closer positions of the same walks, for an animation.
        table: Whether columns are as independent as rows.
        geodesics: Paths of least energy, one per row, where they were sought.
    """

    walks: tuple[Walk, ...]
    labels: Label | None
    smooth: tuple[Walk, ...]
    table: bool = False
    geodesics: tuple[Geodesic, ...] = field(default=())
