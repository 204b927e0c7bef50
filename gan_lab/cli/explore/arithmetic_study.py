"""The work behind `gan-lab explore arithmetic`: sums, walks, and what a classifier sees."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.cli.evaluate import data_of
from gan_lab.cli.explore.arithmetic import Options
from gan_lab.cli.explore.operands import Operand, Source
from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.explore.arithmetic import analogy, average
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.walks import Walk, between
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.attributes.named import attributes_of

Told = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Judged:
    """Samples and what is seen in them.

    Attributes:
        operand: Latents, labels and samples.
        average: The average of the latents, `(1, d)`.
        picture: Its sample, `(1, c, *s)`.
        gauge: Percentile of the average, then of each latent, `(n + 1,)`.
        probability: Of each class by the classifier, `(n, k)`; None without classes.
        attributes: Mean of each attribute.
    """

    operand: Operand
    average: Float[Tensor, "1 d"]
    picture: Float[Tensor, "1 c *s"]
    gauge: Float[Tensor, " m"]
    probability: Float[Tensor, "n k"] | None
    attributes: dict[str, float]

    def top(self, classes: tuple[str, ...]) -> tuple[str, float]:
        """The class that most samples are judged to show, and their share."""
        assert self.probability is not None
        counts = torch.bincount(self.probability.argmax(1), minlength=len(classes))
        best = int(counts.argmax())
        return classes[best], float(counts[best] / counts.sum())


@dataclass(frozen=True, eq=False)
class Sum:
    """`a - b + c`: the operands and the result."""

    a: Judged
    b: Judged
    c: Judged
    result: Judged

    def rows(self) -> tuple[tuple[str, Judged], ...]:
        """All four with their names."""
        return ("a", self.a), ("b", self.b), ("c", self.c), ("a - b + c", self.result)


@dataclass(frozen=True, eq=False)
class Passage:
    """Walks between inverted samples.

    Attributes:
        walk: The walks.
        x: Samples along them, `(r, s, c, *x)`.
        gauge: Percentiles, `(r, s)`.
        label: Label of each sample, `(r, s)`, or None.
        real: What the ends were inverted from, `(r, 2, c, *x)`; None for samples.
        probability: Of each class, `(r, s, k)`; None without classes.
    """

    walk: Walk
    x: Float[Tensor, "r s c *x"]
    gauge: Float[Tensor, "r s"]
    label: Int[Tensor, "r s"] | None
    real: Float[Tensor, "r 2 c *x"] | None
    probability: Float[Tensor, "r s k"] | None


def prepare(generator: PortableGenerator, options: Options, run: Path) -> Source:
    """Read the data and train, or remember, their classifier."""
    data = data_of(run, trust=options.trust)
    data.setup()
    judge = fitted(data.train, data.held_out) if data.spec.classes else None
    return Source(generator, data, judge, options)


def add(source: Source, told: Told | None = None) -> Sum:
    """Average, add, generate, judge.

    Raises:
        UserError: If an operand names nothing.
    """
    options, prior = source.options, source.generator.prior
    texts = (options.a, options.b, options.c)
    operands = [source.operand(text, told) for text in texts if text is not None]
    a, b, c = operands
    found = analogy(prior, a.z, b.z, c.z, amount=options.amount)
    label = _label(a, b, c)
    result = Operand(f"{a.text} - {b.text} + {c.text}", found.z, label, source.made(found.z, label))
    seen = [_judged(source, one, average(prior, one.z)) for one in operands]
    return Sum(seen[0], seen[1], seen[2], _judged(source, result, found.average))


def walk(source: Source, told: Told | None = None) -> Passage:
    """Walk between pairs of inverted rows or samples.

    Raises:
        UserError: If the pairs are incomplete.
    """
    assert source.options.between is not None
    words = [word.strip() for word in source.options.between.split(",")]
    if len(words) % 2 or not all(":" in word for word in words):
        raise UserError(
            f"between={source.options.between}: expected pairs such as heldout:3,heldout:8"
        )
    ends = [source.operand(word, told) for word in words]
    start, end = ends[::2], ends[1::2]
    path = between(
        source.generator.prior,
        torch.cat([one.z for one in start]),
        torch.cat([one.z for one in end]),
        source.options.steps,
    )
    label = _switch(start, end, source.options.steps)
    flat = None if label is None else label.flatten()
    x = source.made(path.z.flatten(0, 1), flat)
    size = path.z.shape[:2]
    judge = source.judge
    seen = None if judge is None else torch.unflatten(judge.probabilities(x), 0, size)
    gauge = torch.unflatten(Gauge(source.generator.prior)(path.z.flatten(0, 1)), 0, size)
    rows = [f"{a.text} to {b.text}" for a, b in zip(start, end, strict=True)]
    named = Walk("between", path.z, path.positions, path.marks, None, tuple(rows), path.columns)
    return Passage(named, torch.unflatten(x, 0, size), gauge, label, _real(start, end), seen)


def _judged(source: Source, operand: Operand, mean: Float[Tensor, "1 d"]) -> Judged:
    label = None if operand.label is None else operand.label.mode().values[None]
    judge, spec = source.judge, source.data.spec
    values = {
        name: float(value[value.isfinite()].mean())
        for name, value in ((n, measure(operand.x)) for n, measure in attributes_of(spec).items())
    }
    return Judged(
        operand,
        mean,
        source.made(mean, label),
        Gauge(source.generator.prior)(torch.cat([mean, operand.z])),
        None if judge is None else judge.probabilities(operand.x),
        values,
    )


def _label(a: Operand, b: Operand, c: Operand) -> Tensor | None:
    """A's label where b's is that of c; c's otherwise."""
    if a.label is None or b.label is None or c.label is None:
        return None
    return torch.where(c.label == b.label.mode().values, a.label.mode().values, c.label)


def _switch(start: list[Operand], end: list[Operand], steps: int) -> Tensor | None:
    """The label of the start in the first half, that of the end in the second, `(r, s)`."""
    pairs = [(a.label, b.label) for a, b in zip(start, end, strict=True)]
    late = torch.linspace(0, 1, steps) >= 0.5
    rows = [torch.where(late, b, a) for a, b in pairs if a is not None and b is not None]
    return torch.stack(rows) if rows else None


def _real(start: list[Operand], end: list[Operand]) -> Tensor | None:
    pairs = [
        torch.cat([a.real, b.real])
        for a, b in zip(start, end, strict=True)
        if a.real is not None and b.real is not None
    ]
    return torch.stack(pairs) if len(pairs) == len(start) else None
