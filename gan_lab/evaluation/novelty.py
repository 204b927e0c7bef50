"""Does the generator copy? The audit, its scores with exact null ranges, the closest pairs."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gan_lab.data.samples import Samples
from gan_lab.evaluation.result import Pair
from gan_lab.evaluation.score import Better, Interval, Receipt, Score, versions
from gan_lab.evaluation.sets import Sets, apart
from gan_lab.metrics.copy_evidence import FAR, PERCENTILE, beta_binomial
from gan_lab.metrics.duplicates import duplicates_between
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.invariances import View, nearest_over_views, shifts
from gan_lab.metrics.novelty import FEWEST, Novelty, audit_novelty

SIDE = 32
MOST_HELD_OUT = 4000
PAIRS = 16
AROUND = 64


@dataclass(frozen=True)
class NoveltyPart:
    """What the copy test gives to an evaluation."""

    audit: Novelty
    scores: tuple[Score, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain values."""
        plain = asdict(self.audit)
        plain.pop("worst")
        power = self.audit.power
        plain["limit"] = None if power is None else power.limit
        return {**plain, "text": self.audit.text}


def novelty_of(sets: Sets) -> NoveltyPart:
    """Audit the samples against the training rows, with held-out rows as the control.

    A copy that is moved by a pixel, or by a time step, is still a copy. Images wider than 32
    pixels are searched as thumbnails of 32.
    """
    control, warnings = _control(sets)
    views = shifts(1, axes=len(sets.spec.spatial)) if sets.spec.spatial else ()
    features = thumbnail if sets.spec.modality == "images" else Flatten()
    rng = torch.Generator().manual_seed(sets.seed)
    audit = audit_novelty(
        fake=sets.fake.x,
        train=sets.train.x,
        held_out=control.x if len(control) else None,
        views=views,
        features=features,
        rng=rng,
    )
    twins = duplicates_between(features(control.x), features(sets.train.x)).exact
    if twins:
        warnings += (f"{twins:,} held-out rows have an exact twin among the training rows.",)
    pairs = closest(sets, control, views=views, features=features, known=audit.worst)
    scores = _scores(audit, _receipt(sets, len(control)))
    return NoveltyPart(audit, scores, pairs, warnings)


def thumbnail(x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
    """Images of at most 32 x 32 cells, flattened.

    >>> thumbnail(torch.zeros(1, 1, 64, 28)).shape
    torch.Size([1, 896])
    """
    height, width = (min(side, SIDE) for side in x.shape[2:])
    fits = (height, width) == tuple(x.shape[2:])
    return (x if fits else adaptive_avg_pool2d(x, (height, width))).flatten(1)


def closest(
    sets: Sets,
    control: Samples,
    *,
    views: Sequence[View],
    features: Callable[[Tensor], Tensor],
    known: Sequence[tuple[int, int]] = (),
) -> tuple[Pair, ...]:
    """The 16 samples that lie closest to a training row, each with its nearest held-out row.

    All views are tried for the 64 samples that are closest as they are, and for those that the
    audit has found already.
    """
    plain = nearest_over_views(sets.fake.x, sets.train.x, features=features).distance[:, 0]
    likely = plain.argsort(stable=True)[:AROUND].tolist()
    rows = torch.tensor(sorted({*likely, *(sample for sample, _ in known)}))
    few = sets.fake.x[rows]
    train, held_out = (
        nearest_over_views(few, real.x, views=views, features=features)
        for real in (sets.train, control)
    )
    order = train.distance[:, 0].argsort(stable=True)[:PAIRS].tolist()
    return tuple(
        Pair(
            sample=int(rows[i]),
            train=int(train.index[i, 0]),
            distance=float(train.distance[i, 0]),
            held_out=int(held_out.index[i, 0]),
            held_out_distance=float(held_out.distance[i, 0]),
        )
        for i in order
    )


def control_rows(held_out: Samples) -> Int[Tensor, " k"]:
    """Held-out rows that serve as the control: none that overlap where enough are left."""
    rows = torch.arange(len(held_out))
    if held_out.start is not None:
        free = apart(held_out.start, held_out.spec.spatial[0])
        rows = free if len(free) >= FEWEST else rows
    stride = -(-len(rows) // MOST_HELD_OUT)
    return rows[::stride]


def _control(sets: Sets) -> tuple[Samples, tuple[str, ...]]:
    rows = control_rows(sets.held_out)
    start = sets.held_out.start
    if start is None or len(apart(start[rows], sets.spec.spatial[0])) == len(rows):
        return sets.held_out.select(rows), ()
    free = len(apart(start, sets.spec.spatial[0]))
    text = (
        f"The {len(rows):,} held-out windows of the copy test overlap and count as about {free} "
        "independent ones: its p-value is too small. Hold out more steps."
    )
    return sets.held_out.select(rows), (text,)


def _receipt(sets: Sets, n_control: int) -> Receipt:
    thumbnails = sets.spec.modality == "images" and max(sets.spec.spatial) > SIDE
    return Receipt(
        evaluator="values" if not sets.spec.spatial else "values, shifts up to 1",
        digest=hashlib.sha256(b"").hexdigest(),
        resize=f"average, at most {SIDE}" if thumbnails else "none",
        n_real=n_control,
        n_fake=len(sets.fake),
        split="held-out rows against all training rows",
        seed=sets.seed,
        weights=sets.weights,
        data=sets.fingerprint,
        versions=versions(),
    )


def _scores(audit: Novelty, receipt: Receipt) -> tuple[Score, ...]:
    if audit.close is None or audit.far is None or audit.mann_whitney is None:
        return ()
    m, h = audit.n_fake, audit.n_held_out
    close = _null(m, max(1, round(PERCENTILE * h)), h)
    far = _null(m, max(1, round((1 - FAR) * h)), h)

    def score(name: str, better: Better, value: float, null: tuple[float, Interval]) -> Score:
        interval = (value, value) if name == "nearness_z" else _wilson(value, m)
        return Score(name, "novel", value, interval, null[0], null[1], better, receipt)

    return (
        score("close_to_train", "lower", audit.close, close),
        score("nearness_z", "higher", audit.mann_whitney, (0.0, (-1.96, 1.96))),
        score("far_from_train", "lower", audit.far, far),
    )


def _null(m: int, rank: int, h: int) -> tuple[float, Interval]:
    """Mean and 95 % range of the share of m fresh rows beyond the rank-th of h controls."""
    law = beta_binomial(m, rank, h - rank + 1)
    total = law.cumsum(0)
    low, high = (int(torch.searchsorted(total, share)) / m for share in (0.025, 0.975))
    return rank / (h + 1), (low, high)


def _wilson(share: float, n: int) -> Interval:
    """95 % interval of a share of n (Wilson, 1927)."""
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)
