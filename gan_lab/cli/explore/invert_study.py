"""The work behind `gan-lab explore invert`: targets, features, labels, the encoder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jaxtyping import Float
from torch import Tensor

from gan_lab.cli.evaluate import data_of
from gan_lab.cli.explore.invert import Options
from gan_lab.cli.explore.targets import Targets, read_targets, rows_of
from gan_lab.cli.sample import labels_of
from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.evaluation.features import choose
from gan_lab.explore.closeness import Yardstick, nearest_training
from gan_lab.explore.encoder import remembered_encoder
from gan_lab.explore.inversion import Inversion, invert, joined
from gan_lab.explore.label_search import invert_any, invert_given
from gan_lab.explore.output import Decode, Features
from gan_lab.explore.recovery import Recovery, recovery
from gan_lab.explore.typical import Likely, Typical
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.features.extractor import weights_digest
from gan_lab.model.classifier import FittedClassifier
from gan_lab.spec import DataSpec

if TYPE_CHECKING:
    from gan_lab.data import DataModule

OWN, ANY = "own", "any"
Told = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Inverted targets.

    Attributes:
        targets: What was inverted.
        found: Their latents.
        yardstick: The nearest training rows.
    """

    targets: Targets
    found: Inversion
    yardstick: Yardstick


@dataclass(frozen=True, eq=False)
class Study:
    """A generator, its data and how to invert.

    Attributes:
        options: Keys of the command.
        generator: The generator.
        data: The run's data.
        targets: What to invert.
        folder: Where files go, the encoder's too.
        features: Where errors count beside the values.
    """

    options: Options
    generator: PortableGenerator
    data: "DataModule"
    targets: Targets
    folder: Path
    features: Features | None

    @property
    def spec(self) -> DataSpec:
        """What the data look like."""
        return self.generator.spec

    def invert(self, targets: Targets, told: Told | None = None) -> Outcome:
        """Invert targets with their labels.

        Raises:
            UserError: If a label is wrong or missing.
        """
        found = self._found(targets, told)
        rows = self.data.train.x
        return Outcome(targets, found, nearest_training(targets.x, rows, itself=targets.training))

    def recover(self, told: Told | None = None) -> Recovery:
        """Training beside held-out rows, `n` of each, inverted alike."""
        n, seed = self.options.n, self.options.seed
        sets = [rows_of(name, self.data, None, n, seed) for name in ("train", "heldout")]
        known = {id(one.x): one for one in sets}
        return recovery(
            lambda x: self._found(known[id(x)], told),
            sets[0].x,
            sets[1].x,
            library=self.data.train.x,
        )

    def settings(self, told: Told | None) -> dict[str, Any]:
        """Arguments of `invert`."""
        options, prior = self.options, self.generator.prior
        penalty = Typical(prior) if options.penalty == "typical" else Likely(prior)
        return {
            "restarts": options.restarts,
            "steps": options.steps,
            "polish": options.polish,
            "weight": options.weight,
            "penalty": penalty,
            "features": self.features,
            "feature_weight": options.feature_weight,
            "seed": options.seed,
            "progress": told,
        }

    def _found(self, targets: Targets, told: Told | None) -> Inversion:
        generator, prior = self.generator, self.generator.prior
        settings = self.settings(told)
        settings["start"] = self._start(targets.x)
        label = self._label(targets)
        if label is None and not generator.classes:
            return invert(generator.decoder(), prior, targets.x, **settings)
        if label is None:
            return invert_any(self._decoders(), prior, targets.x, **settings)
        if generator.classes:
            return invert_given(self._decoders(), prior, targets.x, label, **settings)
        return self._with_attributes(targets, label, settings)

    def _label(self, targets: Targets) -> Tensor | None:
        """The label of each target; None where there is none, or all classes are to be tried."""
        generator, wanted = self.generator, self.options.label
        conditional = bool(generator.classes or generator.attributes)
        if not conditional and wanted is not None:
            raise UserError(f"label={wanted}: this generator is unconditional; leave label out")
        if not conditional or (wanted == ANY and generator.classes):
            return None
        if wanted in (None, OWN) and targets.label is not None:
            return targets.label
        if wanted in (None, OWN, ANY):
            if generator.classes and wanted is None:
                return None
            names = ", ".join(generator.classes or generator.attributes)
            raise UserError(f"target={self.options.target} has no label; give label=: {names}")
        return labels_of(generator, len(targets), 0, wanted)

    def _decoders(self) -> list[Decode]:
        return [self.generator.decoder(k) for k in range(len(self.generator.classes))]

    def _with_attributes(
        self, targets: Targets, label: Float[Tensor, "b k"], settings: dict[str, Any]
    ) -> Inversion:
        """One target after the other: each has attributes of its own."""
        start = settings.pop("start")
        parts = []
        for k in range(len(targets)):
            decode = self.generator.decoder(label[k : k + 1])
            own = None if start is None else start[k : k + 1]
            parts.append(
                invert(decode, self.generator.prior, targets.x[k : k + 1], start=own, **settings)
            )
        return joined(parts)

    def _start(self, x: Tensor) -> Tensor | None:
        if not self.options.encoder:
            return None
        generator = self.generator
        if generator.attributes:
            raise UserError("encoder=true: a generator with attributes has no encoder; leave it")
        decoders = self._decoders() or [generator.decoder()]
        digest = weights_digest(generator.network)
        return remembered_encoder(self.folder, digest, decoders, generator.prior, self.spec)(x)


def prepare(generator: PortableGenerator, options: Options, run: Path, folder: Path) -> Study:
    """Read data and targets, choose features.

    Raises:
        UserError: If something does not fit.
    """
    data = data_of(run, trust=options.trust)
    data.setup()
    if data.spec.shape != generator.spec.shape:
        raise UserError(
            f"{run} makes {generator.spec.shape}, but its data now hold {data.spec.shape}"
        )
    settings = yaml.safe_load((run / "config.yaml").read_text())["data"]
    targets = read_targets(options.target, data, settings, options.n, options.seed)
    return Study(options, generator, data, targets, folder, _features(options.features, data))


def classifier_of(data: "DataModule") -> FittedClassifier | None:
    """The judge of the data, where they have classes."""
    return fitted(data.train, data.held_out) if data.spec.classes else None


def _features(name: str, data: "DataModule") -> Features | None:
    if name == "values":
        return None
    judge = classifier_of(data) if name == "classifier" else None
    chosen: Features = choose(name, data.spec, judge)
    return chosen
