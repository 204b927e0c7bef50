"""Beyond the training rows: regions that held-out rows confirm, training misses, samples reach."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.cells import cell_centres, cell_of
from gan_lab.metrics.neighbours import nearest

PER_CELL = 4
MOST_CELLS = 1000
DIMENSIONS = 8
REPEATS = 40
LEAST = 40


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """Cells of the feature space, and who is in them.

    Attributes:
        cells: Number of cells.
        confirmed: Cells with a held-out row and no training row.
        confirmed_null: The same when "held out" is dealt out at random among the real rows: 2.5th
            percentile, mean, 97.5th. Above it, held-out rows come from another population.
        reached: Confirmed cells with a sample.
        rows: Held-out rows in confirmed cells, `(h,)`.
        rows_reached: Those of them in a cell with a sample, `(h,)`.
        samples: Samples in confirmed cells, `(n,)`.
        share: Mean share of the cells confirmed by a random half of the held-out rows that as many
            samples reach as the other half has rows.
        share_fresh: The same for that other half: what a perfect generator reaches.
        share_jitter: The same for training rows with noise, as far from training rows as held-out
            ones are: what is reached without having learnt anything.
        p: Share of the halves in which jittered training rows reached as much as the samples did,
            one added to both counts.
    """

    cells: int
    confirmed: int
    confirmed_null: tuple[float, float, float]
    reached: int
    rows: Bool[Tensor, " h"]
    rows_reached: Bool[Tensor, " h"]
    samples: Bool[Tensor, " n"]
    share: float
    share_fresh: float
    share_jitter: float
    p: float


def out_of_sample(
    *,
    train: Float[Tensor, "m d"],
    held_out: Float[Tensor, "h d"],
    fake: Float[Tensor, "n d"],
    cells: int | None = None,
    repeats: int = REPEATS,
    seed: int = 0,
) -> OutOfSample:
    """Divide the space into cells of real rows, and count who reaches what training misses.

    Cells are k-means cells of training and held-out rows together, in their 8 main components, so
    that neither side is favoured.

    Args:
        train: Features of training rows, `(m, d)`.
        held_out: Features of held-out rows, `(h, d)`.
        fake: Features of samples, `(n, d)`.
        cells: Number of cells; None: one for 4 real rows, at most 1,000.
        repeats: Random halves and deals.
        seed: Seed of cells, halves and noise.

    Raises:
        UserError: If there are fewer than 40 held-out rows or samples.
    """
    if min(len(held_out), len(fake)) < LEAST:
        raise UserError(
            f"out-of-sample map: {len(held_out)} held-out rows and {len(fake)} samples; expected "
            f"{LEAST} or more of each"
        )
    rng = torch.Generator().manual_seed(seed)
    train, held_out, fake = reduced(train, held_out, fake)
    real = torch.cat([train, held_out])
    count = cells or min(MOST_CELLS, max(2, len(real) // PER_CELL))
    centres = cell_centres(real, count, rounds=5, rng=rng)
    at_train, at_held, at_fake = (cell_of(x, centres) for x in (train, held_out, fake))
    missed = torch.bincount(at_train, minlength=count) == 0
    seen = torch.bincount(at_fake, minlength=count) > 0
    confirmed = missed & (torch.bincount(at_held, minlength=count) > 0)
    scale = jitter_scale(train, held_out, rng)
    shares = torch.tensor(
        [_shares(centres, missed, at_held, at_fake, train, scale, rng) for _ in range(repeats)]
    )
    mean = shares.nanmean(0).tolist()
    p = (1 + int((shares[:, 2] >= shares[:, 0]).sum())) / (repeats + 1)
    return OutOfSample(
        cells=count,
        confirmed=int(confirmed.sum()),
        confirmed_null=_null(torch.cat([at_train, at_held]), len(held_out), count, repeats, rng),
        reached=int((confirmed & seen).sum()),
        rows=confirmed[at_held],
        rows_reached=(confirmed & seen)[at_held],
        samples=confirmed[at_fake],
        share=mean[0],
        share_fresh=mean[1],
        share_jitter=mean[2],
        p=p,
    )


def reduced(train: Float[Tensor, "m d"], *others: Tensor) -> tuple[Tensor, ...]:
    """All sets in the main components of the training rows, 8 at most, in float64."""
    base = train.double()
    centre = base.mean(0)
    _, vectors = torch.linalg.eigh((base - centre).T @ (base - centre))
    axes = vectors[:, -DIMENSIONS:]
    return tuple((x.double() - centre) @ axes for x in (train, *others))


def jitter_scale(
    train: Float[Tensor, "m d"], held_out: Float[Tensor, "h d"], rng: torch.Generator
) -> float:
    """Noise that moves training rows as far from all training rows as held-out rows are.

    Medians are compared; the noise is white, and the scale its standard deviation.
    """
    goal = float(nearest(held_out, train).distance.median())
    rows = train[torch.randint(len(train), (len(held_out),), generator=rng)]
    noise = torch.randn(rows.shape, generator=rng, dtype=torch.float64)
    low, high = 0.0, float(train.std(0).max()) or 1.0
    for _ in range(12):
        middle = (low + high) / 2
        near = float(nearest(rows + middle * noise, train).distance.median())
        low, high = (middle, high) if near < goal else (low, middle)
    return (low + high) / 2


def _shares(
    centres: Tensor,
    missed: Tensor,
    at_held: Tensor,
    at_fake: Tensor,
    train: Tensor,
    scale: float,
    rng: torch.Generator,
) -> tuple[float, float, float]:
    """Shares of the cells confirmed by half the held-out rows: samples, other half, jitter."""
    order = torch.randperm(len(at_held), generator=rng)
    half = len(order) // 2
    confirmed = missed & (torch.bincount(at_held[order[:half]], minlength=len(centres)) > 0)
    m = min(half, len(at_fake))
    rows = train[torch.randint(len(train), (m,), generator=rng)]
    noise = torch.randn(rows.shape, generator=rng, dtype=torch.float64)
    sets = (
        at_fake[torch.randperm(len(at_fake), generator=rng)[:m]],
        at_held[order[half : half + m]],
        cell_of(rows + scale * noise, centres),
    )
    reached = [torch.bincount(at, minlength=len(centres)) > 0 for at in sets]
    total = int(confirmed.sum())
    a, b, c = (float((r & confirmed).sum()) / total if total else torch.nan for r in reached)
    return a, b, c


def _null(
    at_real: Tensor, held: int, cells: int, repeats: int, rng: torch.Generator
) -> tuple[float, float, float]:
    """Confirmed cells when `held` random rows are called held out."""
    counts = []
    for _ in range(repeats):
        at = at_real[torch.randperm(len(at_real), generator=rng)]
        inside = torch.bincount(at[:held], minlength=cells) > 0
        empty = torch.bincount(at[held:], minlength=cells) == 0
        counts.append(int((inside & empty).sum()))
    null = torch.tensor(counts, dtype=torch.float64)
    low, high = null.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return low, float(null.mean()), high
