"""How many samples does a classifier, trained on the real training rows, find clear?"""

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from gan_lab.data.base import DataModule
from gan_lab.errors import UserError
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.classes import ClassReport, class_report
from gan_lab.model.classifier import fit_classifier


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


def judge(generator: PortableGenerator, data: DataModule, *, n: int, seed: int) -> Verdict | None:
    """Train the classifier on `data.train` and show it `n` samples; None without labels.

    Args:
        generator: What to judge.
        data: The data that it was trained on.
        n: Number of samples.
        seed: Seed of the samples and of the classifier.

    Raises:
        UserError: If the generator's shape is not that of the data.
    """
    data.setup()
    if generator.spec.shape != data.spec.shape:
        raise UserError(
            f"the generator makes {generator.spec.shape}, but {data.spec.name} holds "
            f"{data.spec.shape}; evaluate it on the data it was trained on"
        )
    if data.train.label is None:
        return None
    classifier = fit_classifier(data.train, data.held_out, seed=seed)
    z, label = generator.latents(n, seed), generator.labels(n, seed)
    samples = generator.generate(z, label)
    held_out = classifier.probabilities(data.held_out.x)
    return Verdict(
        accuracy=classifier.accuracy,
        samples=class_report(classifier.probabilities(samples), label),
        held_out=class_report(held_out, data.held_out.label),
        classes=data.spec.classes,
        seed=seed,
    )


def print_verdict(verdict: Verdict, console: Console) -> None:
    """A table: samples beside held-out real rows."""
    table = Table(title=f"seen by a classifier ({verdict.accuracy:.1%} right on held-out rows)")
    for column in ("", f"{verdict.samples.n:,} samples", f"{verdict.held_out.n:,} held-out real"):
        table.add_column(column, justify="left" if not column else "right")
    pairs = (verdict.samples, verdict.held_out)
    confident = f"confident (p >= {verdict.samples.threshold:g})"
    table.add_row(confident, *(f"{report.confident:.1%}" for report in pairs))
    if verdict.samples.agreement is not None:
        table.add_row("classified as labelled", *(f"{r.agreement or 0:.1%}" for r in pairs))
    rarest = [min(range(len(r.shares)), key=r.shares.__getitem__) for r in pairs]
    cells = [
        f"{r.shares[k]:.1%} ({verdict.classes[k]})" for r, k in zip(pairs, rarest, strict=True)
    ]
    table.add_row("rarest class", *cells)
    console.print(table)
