"""The operands of latent arithmetic: members of a class, extremes of an attribute, single rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.cli.explore.arithmetic import Options
from gan_lab.cli.explore.targets import SETS, rows_of
from gan_lab.errors import UserError
from gan_lab.explore.inversion import Inversion, invert
from gan_lab.explore.label_search import invert_given
from gan_lab.explore.output import BATCH
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.attributes.named import attribute_named
from gan_lab.model.classifier import FittedClassifier

if TYPE_CHECKING:
    from gan_lab.data import DataModule

SAMPLE = "sample"
ENDS = ("high", "low")
DRAWN = 4000


@dataclass(frozen=True, eq=False)
class Operand:
    """Latents with labels.

    Attributes:
        text: As it was typed.
        z: Latents, `(n, d)`.
        label: One each; None where the generator is unconditional.
        x: What the generator makes of them, `(n, c, *s)`.
        real: The rows that were inverted, `(n, c, *s)`; None: they are samples.
    """

    text: str
    z: Float[Tensor, "n d"]
    label: Int[Tensor, " n"] | None
    x: Float[Tensor, "n c *s"]
    real: Float[Tensor, "n c *s"] | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """Where operands come from.

    Attributes:
        generator: The generator.
        data: The run's data, set up.
        judge: A classifier of the data; None where they have no classes.
        options: Keys of the command.
    """

    generator: PortableGenerator
    data: "DataModule"
    judge: FittedClassifier | None
    options: Options

    def operand(self, text: str, told: Callable[[float], None] | None = None) -> Operand:
        """The latents that a text names.

        Raises:
            UserError: If it names nothing, or too little is found.
        """
        name, _, rest = text.partition(":")
        if name == SAMPLE:
            return self._samples(text, _rows(text, rest))
        if name in SETS:
            rows = rows_of(name, self.data, _rows(text, rest), self.options.n, self.options.seed)
            return self._inverted(text, rows.x, rows.label, told)
        class_, attribute, end = self._parsed(text)
        if self.options.source == "real":
            return self._real(text, class_, attribute, end, told)
        return self._drawn(text, class_, attribute, end)

    def made(self, z: Tensor, label: Tensor | None) -> Tensor:
        """Samples in model range, on the CPU."""
        parts = torch.split(z, BATCH)
        labels = [None] * len(parts) if label is None else list(torch.split(label, BATCH))
        pairs = zip(parts, labels, strict=True)
        return torch.cat([self.generator.generate(part, own).cpu() for part, own in pairs])

    def _parsed(self, text: str) -> tuple[int | None, str | None, str]:
        """Class, attribute and which end of it."""
        first, slash, second = text.partition("/")
        head, _, end = (second if slash else first).rpartition(":")
        if end in ENDS and head:
            return (self._class(text, first) if slash else None), head, end
        if slash:
            raise UserError(f"{text}: expected CLASS/ATTRIBUTE:high or CLASS/ATTRIBUTE:low")
        return self._class(text, first), None, ""

    def _class(self, text: str, name: str) -> int:
        classes = self.data.spec.classes
        if name in classes:
            return classes.index(name)
        if name.isdigit() and int(name) < len(classes):
            return int(name)
        known = f"classes: {', '.join(classes)}" if classes else "the data have no classes"
        raise UserError(f"{text}: no such class; {known}; also ATTRIBUTE:high, sample:4, heldout:3")

    def _samples(self, text: str, rows: list[int]) -> Operand:
        n = max(rows) + 1
        z, label = self.generator.latents(n, self.options.seed), None
        if self.generator.classes:
            label = torch.arange(n) % len(self.generator.classes)
            label = label[rows]
        self._refuse_attributes()
        return Operand(text, z[rows], label, self.made(z[rows], label))

    def _drawn(self, text: str, class_: int | None, attribute: str | None, end: str) -> Operand:
        """Samples of which the classifier is sure, or with the most of an attribute."""
        self._refuse_attributes()
        z = self.generator.latents(DRAWN, self.options.seed)
        label = None
        if self.generator.classes:
            turns = torch.arange(DRAWN) % len(self.generator.classes)
            label = turns if class_ is None else torch.full((DRAWN,), class_)
        x = self.made(z, label)
        kept = torch.arange(DRAWN)
        if class_ is not None:
            assert self.judge is not None
            sure = self.judge.probabilities(x)[:, class_] >= self.options.confidence
            kept = kept[sure]
        kept = self._extremes(text, x, kept, attribute, end)[: self.options.n]
        return Operand(text, z[kept], None if label is None else label[kept], x[kept])

    def _real(
        self,
        text: str,
        class_: int | None,
        attribute: str | None,
        end: str,
        told: Callable[[float], None] | None,
    ) -> Operand:
        """Training rows, inverted."""
        train = self.data.train
        rng = torch.Generator().manual_seed(self.options.seed)
        kept = torch.randperm(len(train), generator=rng)
        if class_ is not None:
            assert train.label is not None
            kept = kept[train.label[kept] == class_]
        kept = self._extremes(text, train.x, kept, attribute, end)[: self.options.n]
        label = None if train.label is None else train.label[kept]
        return self._inverted(text, train.x[kept], label, told)

    def _extremes(
        self, text: str, x: Tensor, kept: Tensor, attribute: str | None, end: str
    ) -> Tensor:
        if attribute is not None and len(kept):
            value = attribute_named(self.data.spec, attribute)(x[kept])
            kept, value = kept[value.isfinite()], value[value.isfinite()]
            order = value.argsort(descending=end == "high", stable=True)
            kept = kept[order[: max(1, round(self.options.share * len(kept)))]]
        if not len(kept):
            raise UserError(
                f"{text}: no such sample among {len(x):,}; use from=real or a smaller confidence"
            )
        return kept

    def _inverted(
        self,
        text: str,
        x: Tensor,
        label: Tensor | None,
        told: Callable[[float], None] | None,
    ) -> Operand:
        found = self._invert(x, label, told)
        own = label if self.generator.classes else None
        return Operand(text, found.z.cpu(), own, found.x.cpu(), x)

    def _invert(
        self, x: Tensor, label: Tensor | None, told: Callable[[float], None] | None
    ) -> Inversion:
        self._refuse_attributes()
        generator, options = self.generator, self.options
        settings: dict[str, Any] = {"restarts": options.restarts, "seed": options.seed}
        settings["progress"] = told
        if not generator.classes:
            return invert(generator.decoder(), generator.prior, x, **settings)
        assert label is not None
        decoders = [generator.decoder(k) for k in range(len(generator.classes))]
        return invert_given(decoders, generator.prior, x, label, **settings)

    def _refuse_attributes(self) -> None:
        if self.generator.attributes:
            raise UserError(
                "arithmetic needs a generator with classes or without labels; this one takes "
                f"{', '.join(self.generator.attributes)}: walk along directions instead"
            )


def _rows(text: str, words: str) -> list[int]:
    rows = [word.strip() for word in words.split(",")]
    if not all(row.isdigit() for row in rows):
        raise UserError(f"{text}: expected numbers, such as heldout:3,8")
    return [int(row) for row in rows]
