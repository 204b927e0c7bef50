"""How many samples does a classifier, trained on the real training rows, find clear?"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from rich.table import Column, Table

from gan_lab.data.base import DataModule
from gan_lab.errors import UserError
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.classes import ClassReport, class_report
from gan_lab.model.classifier import fit_classifier

WHAT = ("samples", "held-out real rows")


@dataclass(frozen=True)
class Verdict:
    """Samples and held-out real rows before the same classifier.

    Attributes:
        accuracy: Share of the held-out rows that the classifier labels correctly.
        samples: What it sees in the samples.
        held_out: What it sees in real rows that neither it nor the generator was trained on.
        classes: Names of the classes.
        seed: Seed of the samples and of the classifier.
    """

    accuracy: float
    samples: ClassReport
    held_out: ClassReport
    classes: tuple[str, ...]
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary of JSON values."""
        return asdict(self)


def judge(generator: PortableGenerator, data: DataModule, *, n: int, seed: int) -> Verdict:
    """Train the classifier on `data.train` and show it `n` samples.

    Args:
        generator: What to judge.
        data: The data that it was trained on.
        n: Number of samples.
        seed: Seed of the samples and of the classifier.

    Raises:
        UserError: If the generator's shape is not that of the data, or they have no labels.
    """
    data.setup()
    if generator.spec.shape != data.spec.shape:
        raise UserError(
            f"the generator makes {generator.spec.shape}, but {data.spec.name} holds "
            f"{data.spec.shape}; evaluate it on the data it was trained on"
        )
    classifier = fit_classifier(data.train, data.held_out, seed=seed)
    z = torch.split(generator.latents(n, seed), 500)
    drawn = generator.labels(n, seed)
    # An unconditional generator of labelled data is judged without agreement.
    label = [None] * len(z) if drawn is None else torch.split(drawn, 500)
    samples = torch.cat([generator.generate(*pair) for pair in zip(z, label, strict=True)])
    held_out = classifier.probabilities(data.held_out.x)
    return Verdict(
        accuracy=classifier.accuracy,
        samples=class_report(classifier.probabilities(samples), drawn),
        held_out=class_report(held_out, data.held_out.label),
        classes=data.spec.classes,
        seed=seed,
    )


def verdict_table(verdict: dict[str, Any]) -> Table:
    """Samples beside held-out real rows, from `Verdict.to_dict`."""
    pair = (verdict["samples"], verdict["held_out"])
    table = Table(
        f"classifier ({verdict['accuracy']:.1%} right on held-out rows)",
        *(Column(f"{r['n']:,} {w}", justify="right") for r, w in zip(pair, WHAT, strict=True)),
    )
    table.add_row(
        f"confident (p >= {pair[0]['threshold']:g})", *(f"{r['confident']:.1%}" for r in pair)
    )
    table.add_row("classified as labelled", *(share(r["agreement"]) for r in pair))
    rarest = [min(zip(r["shares"], verdict["classes"], strict=True)) for r in pair]
    table.add_row("rarest class", *(f"{share(part)} ({name})" for part, name in rarest))
    return table


def share(value: float | None) -> str:
    """A share in per cent, or a dash where there is none.

    >>> share(0.5), share(None)
    ('50.0%', '-')
    """
    return "-" if value is None else f"{value:.1%}"
