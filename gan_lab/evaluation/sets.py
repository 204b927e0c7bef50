"""The rows that an evaluation compares."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.base import DataModule
from gan_lab.data.points import Points
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

LEAST = 20


@dataclass(frozen=True)
class Modes:
    """The modes of a population that is known: centres `(k, d)` in original units, and spread."""

    centres: Float[Tensor, "k d"]
    std: float


@dataclass(frozen=True)
class Sets:
    """Samples, and the real rows that they are compared with.

    Attributes:
        name: Name of the run or of the samples.
        fake: Samples with the labels that they were asked for.
        real: Real rows that the scores compare with: held-out rows; of a history cut into windows,
            all windows that do not overlap, oldest first.
        split: The same in words.
        train: Training rows.
        held_out: Held-out rows.
        weights: `ema`, `raw` or `samples`.
        fingerprint: SHA-256 of the data.
        seed: Seed of samples and repeats.
        modes: Modes of the population where they are known.
    """

    name: str
    fake: Samples
    real: Samples
    split: str
    train: Samples
    held_out: Samples
    weights: str
    fingerprint: str
    seed: int
    modes: Modes | None = None

    @property
    def spec(self) -> DataSpec:
        """What the rows look like."""
        return self.train.spec


def gather(
    fake: Samples, data: DataModule, *, name: str, weights: str, seed: int, most: int = 2000
) -> Sets:
    """Put samples beside the rows of `data`.

    Args:
        fake: Samples in model range.
        data: What they are to be compared with.
        name: Name of the run or of the samples.
        weights: `ema`, `raw` or `samples`.
        seed: Seed of the choice of rows.
        most: Most real rows.

    Raises:
        UserError: If the shapes differ, there are too few rows, or a sample is not finite.
    """
    data.setup()
    if fake.spec.shape != data.spec.shape:
        raise UserError(
            f"{name}: samples of shape {fake.spec.shape}, but {data.spec.name} holds "
            f"{data.spec.shape}; evaluate them on the data they were trained on"
        )
    broken = (~fake.x.flatten(1).isfinite()).any(dim=1)
    if broken.any():
        row = int(broken.nonzero()[0])
        raise UserError(
            f"{name}: {int(broken.sum())} of {len(fake)} samples hold NaN or infinity, the first "
            f"is number {row}; the generator has diverged or the file is damaged"
        )
    real, split = _compared(data, most, seed)
    if min(len(real), len(fake)) < LEAST:
        raise UserError(
            f"{name}: {len(fake)} samples and {len(real)} real rows ({split}); expected {LEAST} or "
            "more of each"
        )
    return Sets(
        name=name,
        fake=replace(fake, spec=data.spec),
        real=real,
        split=split,
        train=data.train,
        held_out=data.held_out,
        weights=weights,
        fingerprint=data.fingerprint(),
        seed=seed,
        modes=_modes(data),
    )


def apart(start: Int[Tensor, " n"], steps: int) -> Int[Tensor, " k"]:
    """Windows that share no step, oldest first: each begins after the one before it has ended.

    >>> apart(torch.tensor([0, 1, 2, 3, 4]), 2)
    tensor([0, 2, 4])
    """
    chosen: list[int] = []
    free = None
    for row in start.argsort(stable=True).tolist():
        if free is None or int(start[row]) >= free:
            chosen.append(row)
            free = int(start[row]) + steps
    return torch.tensor(chosen)


def independent(rows: Samples, most: int) -> Samples:
    """At most `most` of the rows, evenly spread; of windows, those that share no step."""
    chosen = torch.arange(len(rows))
    if rows.start is not None:
        chosen = apart(rows.start, rows.spec.spatial[0])
    return rows.select(chosen[:: max(1, -(-len(chosen) // most))])


def _compared(data: DataModule, most: int, seed: int) -> tuple[Samples, str]:
    train, held_out = data.train, data.held_out
    if train.start is not None and held_out.start is not None:
        start = torch.cat([train.start, held_out.start])
        both = replace(
            train, x=torch.cat([train.x, held_out.x]), label=_joined(train, held_out), start=start
        )
        chosen = apart(start, data.spec.spatial[0])
        return both.select(chosen[-most:]), "windows that do not overlap"
    # Data that lie sorted by class would show one class first.
    order = torch.randperm(len(held_out), generator=torch.Generator().manual_seed(seed))
    return held_out.select(order[:most]), "held-out rows"


def _joined(train: Samples, held_out: Samples) -> Tensor | None:
    if train.label is None or held_out.label is None:
        return None
    return torch.cat([train.label, held_out.label])


def _modes(data: DataModule) -> Modes | None:
    if isinstance(data, Points) and data.modes is not None:
        return Modes(data.modes, data.std)
    return None
