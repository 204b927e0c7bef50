"""Samples in batches, each from a seed of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lab.cli.past import numbers
from gan_lab.cli.sample_options import Options, count
from gan_lab.cli.writers import Drawn

if TYPE_CHECKING:
    from torch import Tensor

    from gan_lab.data.table.past import Past
    from gan_lab.export.portable import PortableGenerator
    from gan_lab.spec import DataSpec

BATCH = 1000


def draw(
    generator: "PortableGenerator",
    options: Options,
    past: "Past | None" = None,
    spec: "DataSpec | None" = None,
) -> Iterator[Drawn]:
    """Draw in batches; batch k has its own seed.

    Args:
        generator: What to draw from.
        options: How many, and of which kind.
        past: What the samples go on from, or None.
        spec: Of the samples; by default that of the generator.
    """
    from rich.console import Console
    from rich.progress import track

    spec = spec or generator.spec
    starts = range(0, count(options), BATCH)
    console = Console(stderr=True)
    for start in track(starts, "sampling", console=console, disable=len(starts) == 1):
        n = min(BATCH, count(options) - start)
        label = labels_of(generator, n, start, options.label)
        seed = batch_seed(options.seed, start // BATCH)
        x = drawn_batch(
            generator, n, spec, past, label=label, seed=seed, truncation=options.truncation
        )
        yield Drawn(x.cpu().numpy(), None if label is None else label.numpy(), spec)


def drawn_batch(
    generator: "PortableGenerator",
    n: int,
    spec: "DataSpec",
    past: "Past | None",
    *,
    label: "Tensor | None",
    seed: int,
    truncation: float,
) -> "Tensor":
    """`n` samples in original units: futures of a past, series of another length, or plain ones."""
    import torch

    from gan_lab.export.long import futures, sample_long

    how: dict[str, Any] = {"seed": seed, "truncation": truncation, "label": label}
    if past is not None:
        return futures(generator, torch.from_numpy(past.values), spec.spatial[0], n, **how)
    if spec.spatial != generator.spec.spatial:
        return sample_long(generator, n, spec.spatial[0], **how)
    return generator.sample(n, **how)


def labels_of(
    generator: "PortableGenerator", n: int, start: int, label: str | None
) -> "Tensor | None":
    """Labels of `n` samples from number `start` on: as asked for, or all classes in turn.

    Raises:
        UserError: If there is no such class, or the attributes are no numbers.
    """
    import torch

    if generator.attributes:
        return generator.labels(n, seed=start, label=None if label is None else numbers(label))
    if label is None:
        count = len(generator.classes)
        return torch.arange(start, start + n) % count if count else None
    number = label.isdigit() and label not in generator.classes
    return generator.labels(n, label=int(label) if number else label)


def batch_seed(seed: int, batch: int) -> int:
    """Seed of a batch; the first keeps the given one, so that `load(run).sample` agrees."""
    if batch == 0:
        return seed
    return int(np.random.SeedSequence((seed, batch)).generate_state(1)[0])
