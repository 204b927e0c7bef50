"""Does the generator copy? The audit, its scores with exact null ranges, the closest pairs."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from gan_lab.data.samples import Samples
from gan_lab.evaluation.result import Pair
from gan_lab.evaluation.score import Better, Interval, Receipt, Score, versions
from gan_lab.evaluation.sets import Sets, apart
from gan_lab.evaluation.views import SIDE, level_look, plain_look, views_of, words_of
from gan_lab.metrics.copy_evidence import FAR, PERCENTILE, beta_binomial
from gan_lab.metrics.duplicates import duplicates_between, exact_within
from gan_lab.metrics.invariances import View, nearest_over_views
from gan_lab.metrics.novelty import FEWEST, Novelty, audit_novelty

LEVEL = 0.01
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

    A copy that is moved by a pixel or a few time steps, mirrored, or of another level and amplitude
    is still a copy. Images wider than 32 pixels are searched as thumbnails of 32. If copies are
    found in the values or in what is left of them without level and amplitude, they are found.
    """
    control = control_of(sets)
    views, features = views_of(sets.spec), plain_look(sets.spec)
    audit = _audit(sets, control, views, features)
    levelled = level_look(sets.spec)
    if levelled is not None and audit.verdict == "none found":
        other = _audit(sets, control, views, levelled)
        if other.verdict == "copying found":
            reason = f"Without level and amplitude: {other.reasons[0]}"
            audit = replace(other, reasons=(reason,))
    pairs = closest(sets, control.rows, views=views, features=features, known=audit.worst)
    scores = _scores(audit, _receipt(sets, len(control.rows)), control.independent)
    return NoveltyPart(audit, scores, pairs, _warnings(sets, control, features))


@dataclass(frozen=True)
class Control:
    """Held-out rows of the copy test, and as how many independent ones they count."""

    rows: Samples
    independent: int


def control_of(sets: Sets) -> Control:
    """Held-out rows that serve as the control: none that overlap where enough are left."""
    rows = control_rows(sets.held_out)
    start = sets.held_out.start
    free = len(rows) if start is None else len(apart(start[rows], sets.spec.spatial[0]))
    return Control(sets.held_out.select(rows), free)


def _audit(
    sets: Sets,
    control: Control,
    views: Sequence[View],
    features: Callable[[Tensor], Tensor],
) -> Novelty:
    return audit_novelty(
        fake=sets.fake.x,
        train=sets.train.x,
        held_out=control.rows.x if len(control.rows) else None,
        views=views,
        features=features,
        # Two tests share the level of one, so that both together keep it.
        level=LEVEL / 2 if sets.spec.spatial else LEVEL,
        rng=torch.Generator().manual_seed(sets.seed),
        independent=control.independent,
    )


def _warnings(
    sets: Sets, control: Control, features: Callable[[Tensor], Tensor]
) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if control.independent < len(control.rows):
        found += (
            f"The {len(control.rows):,} held-out windows of the copy test overlap; they count as "
            f"{control.independent} independent ones. Hold out more steps for a sharper test.",
        )
    train = features(sets.train.x)
    between = duplicates_between(features(control.rows.x), train).exact if len(control.rows) else 0
    if between:
        found += (f"{between:,} held-out rows have an exact twin among the training rows.",)
    within = exact_within(train)
    if within:
        found += (
            f"{within:,} training rows have an exact twin among the training rows: a sample near "
            "one is near both, and authenticity is too low.",
        )
    return found


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


def _receipt(sets: Sets, n_control: int) -> Receipt:
    thumbnails = sets.spec.modality == "images" and max(sets.spec.spatial) > SIDE
    return Receipt(
        evaluator=words_of(sets.spec),
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


def _scores(audit: Novelty, receipt: Receipt, h: int) -> tuple[Score, ...]:
    if audit.close is None or audit.far is None or audit.mann_whitney is None:
        return ()
    m = audit.n_fake
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
