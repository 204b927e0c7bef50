"""Novelty: does a generator copy its training rows? A test against held-out rows, with a limit."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.copy_evidence import CopyEvidence, Side, copy_evidence
from gan_lab.metrics.invariances import View

Verdict = Literal["copying found", "none found", "cannot tell"]

RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
FEWEST = 100
FEWEST_INDEPENDENT = 20
FAR_LIMIT = 0.5
POWER = 0.95
MOST = 2 / 3
NO_CLEARANCE = (
    "This is a test for copies among the samples, not a clearance of privacy or licence: a model "
    "can give away its training rows in other ways."
)


@dataclass(frozen=True)
class Power:
    """How often the test would find copies, had there been some.

    Attributes:
        rates: Shares of the samples that were replaced by training rows.
        found: Share of the trials in which the test then found copying.
    """

    rates: tuple[float, ...]
    found: tuple[float, ...]

    @property
    def limit(self) -> float | None:
        """Smallest rate from which on 95 % of the trials found it; None if no rate did."""
        passed = None
        for rate, found in zip(reversed(self.rates), reversed(self.found), strict=True):
            if found < POWER:
                break
            passed = rate
        return passed


@dataclass(frozen=True)
class Novelty:
    """What the copy test saw and what may be said.

    Attributes:
        verdict: `copying found`, `none found` or `cannot tell`.
        reasons: Why, one sentence each.
        n_train: Training rows.
        n_held_out: Held-out rows, the control.
        n_fake: Samples.
        close: Share of the samples nearer to a training row than 1 % of the held-out rows are.
        close_p: Probability of that share or more for fresh samples of the population.
        mann_whitney: z of the sample distances against the held-out ones; below 0 is nearer.
        far: Share of the samples farther from training rows than 95 % of the held-out rows.
        side: Do the closest samples prefer training rows to held-out rows?
        power: How often injected copies are found.
        worst: The closest samples and their training rows, nearest first.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    n_train: int
    n_held_out: int
    n_fake: int
    close: float | None = None
    close_p: float | None = None
    mann_whitney: float | None = None
    far: float | None = None
    side: Side | None = None
    power: Power | None = None
    worst: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """The verdict in words, with its limit and what it does not say."""
        control = f"against {self.n_held_out} held-out rows"
        if self.verdict == "none found" and self.power is not None:
            limit = f"{100 * (self.power.limit or 1.0):g} %"
            said = f"No copying found {control}; {limit} exact copies would have been found."
        elif self.verdict == "copying found":
            said = f"Copying found {control}."
        else:
            said = "Cannot tell whether the generator copies."
        return " ".join([said, *self.reasons, NO_CLEARANCE])


def audit_novelty(
    *,
    fake: Float[Tensor, "m d *r"],
    train: Float[Tensor, "n c *s"],
    held_out: Float[Tensor, "h e *q"] | None,
    views: Sequence[View] = (),
    features: Callable[[Tensor], Tensor] | None = None,
    level: float = 0.01,
    trials: int = 100,
    rng: torch.Generator | None = None,
    independent: int | None = None,
) -> Novelty:
    """Look for copies of training rows among samples, with held-out rows as the control.

    Copying is found when more samples than chance allows (exact beta-binomial null) are nearer to
    a training row than the 1st percentile of the held-out rows, and these samples do not lie as
    often at held-out rows: a generator of smooth averages is close to both, one that copies is
    close to the rows that it was shown. Where so few different rows are involved that no answer to
    the second question is significant, two thirds of the largest possible preference are asked for.
    A generator that is far from the data passes any such test; it gets `cannot tell`.

    Args:
        fake: Samples, `(m, c, *s)`.
        train: Rows that the generator was trained on, `(n, c, *s)`.
        held_out: Rows of the same population that it never saw, `(h, c, *s)`; None if there are
            none, which leaves nothing to compare with.
        views: Changes of a sample that leave it a copy, for instance `shifts(1, axes=2)`; the
            control is searched in the same way.
        features: What distances are taken of; the flattened values by default.
        level: Level of each test.
        trials: Injections per rate of the power curve.
        rng: Where probes and injected copies come from.
        independent: Held-out rows that count as independent, where windows of one history overlap;
            all of them by default.

    Raises:
        UserError: If samples and rows differ in shape, or a set is empty.

    Source: the control of Meehan et al., "A non-parametric test to detect data-copying", 2020, and
    of the holdout tests of synthetic tables; null, side test and limit are our own.
    """
    sets = [train, fake] if held_out is None else [train, fake, held_out]
    if len({x.shape[1:] for x in sets}) > 1 or min(len(x) for x in sets) == 0:
        shapes = ", ".join(str(tuple(x.shape)) for x in sets)
        raise UserError(f"novelty: sets of shape {shapes}; expected equal samples, none empty")
    few = _too_few(held_out, fake, independent)
    if held_out is None or few:
        n_held_out = 0 if held_out is None else len(held_out)
        return Novelty("cannot tell", few, len(train), n_held_out, len(fake))
    evidence = copy_evidence(
        train=train,
        held_out=held_out,
        fake=fake,
        views=views,
        features=features,
        rng=rng,
        independent=independent,
    )
    power = power_curve(evidence, level=level, trials=trials, rng=rng)
    verdict, reasons = _judge(evidence, level, power)
    order = evidence.fake.argsort(stable=True)[:10]
    return Novelty(
        verdict=verdict,
        reasons=reasons,
        n_train=len(train),
        n_held_out=len(held_out),
        n_fake=len(fake),
        close=evidence.close / len(fake),
        close_p=evidence.close_p,
        mann_whitney=evidence.mann_whitney,
        far=evidence.far,
        side=evidence.side,
        power=power,
        worst=tuple((int(i), int(evidence.row[i])) for i in order),
    )


def power_curve(
    evidence: CopyEvidence,
    *,
    rates: Sequence[float] = RATES,
    level: float = 0.01,
    trials: int = 100,
    rng: torch.Generator | None = None,
) -> Power:
    """Replace a share of the samples by training rows, test again, count how often it is found."""
    m = len(evidence.fake)
    found = []
    for rate in rates:
        hits = 0
        for _ in range(trials):
            position = torch.randperm(m, generator=rng)[: math.ceil(rate * m)]
            copied = torch.randint(evidence.n_train, (len(position),), generator=rng)
            hits += copying_found(evidence.with_copies(position, copied), level)
        found.append(hits / trials)
    return Power(tuple(rates), tuple(found))


def copying_found(evidence: CopyEvidence, level: float) -> bool:
    """More close samples than chance, and no proof that they lie at held-out rows as often."""
    return evidence.close_p < level and not _as_near_to_held_out(evidence.side, level)


def _as_near_to_held_out(side: Side, level: float) -> bool:
    """Whether the close samples do not prefer training rows.

    Where so few different rows are involved that no share of them would be significant, most of
    what is possible is asked for: copies lie at training rows, averages at either kind.
    """
    critical = float(torch.special.ndtri(torch.tensor(1 - level, dtype=torch.float64)))
    return side.z < (critical if side.best_z > critical else MOST * side.best_z)


def _too_few(held_out: Tensor | None, fake: Tensor, independent: int | None) -> tuple[str, ...]:
    if held_out is None:
        return ("There are no held-out rows to compare with: hold some out before training.",)
    if independent is not None and independent < FEWEST_INDEPENDENT:
        return (
            f"The held-out windows overlap and count as about {independent} independent ones; the "
            f"test needs {FEWEST_INDEPENDENT}: hold out more steps.",
        )
    sizes = {"held-out rows": len(held_out), "samples": len(fake)}
    return tuple(
        f"{n} {name} are too few for a 1st percentile; give {FEWEST} or more."
        for name, n in sizes.items()
        if n < FEWEST
    )


def _judge(evidence: CopyEvidence, level: float, power: Power) -> tuple[Verdict, tuple[str, ...]]:
    share = evidence.close / len(evidence.fake)
    seen = (
        f"{100 * share:.1f} % of the samples are nearer to a training row than "
        f"{100 * evidence.percentile:.2g} % of the held-out rows are (p = {evidence.close_p:.2g})."
    )
    if copying_found(evidence, level):
        return "copying found", (seen,)
    if evidence.close_p < level:
        return "cannot tell", (
            seen,
            "They lie at held-out rows as often: samples vary too little to tell copies from "
            "averages.",
        )
    if evidence.threshold == 0:
        return "cannot tell", (
            "Held-out rows have exact twins among the training rows: remove duplicates first.",
        )
    if evidence.far > FAR_LIMIT:
        return "cannot tell", (
            f"{100 * evidence.far:.0f} % of the samples are farther from the data than 95 % of the "
            "held-out rows: too poor to be called novel.",
        )
    if power.limit is None:
        return "cannot tell", ("Not even copies alone would be found: give more rows.",)
    return "none found", (seen,)
