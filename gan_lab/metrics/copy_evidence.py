"""The statistics of a copy test: samples and held-out rows, seen from the training rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.metrics.invariances import View, nearest_over_views
from gan_lab.metrics.mann_whitney import mann_whitney_z

PERCENTILE = 0.01
FAR = 0.95
PROBES = 1000


@dataclass(frozen=True)
class CopyEvidence:
    """Distances, and the tests that are functions of them alone.

    Attributes:
        held_out: Held-out rows to their nearest training row, `(h,)`.
        fake: Samples to their nearest training row, `(m,)`.
        row: That training row, `(m,)`.
        pool: Samples to the nearest row of training and held-out rows together, `(m,)`.
        pool_row: That row; training rows come first, `(m,)`.
        reach: 1st percentile of the distances between rows of the pool.
        n_train: Number of training rows.
        independent: Held-out rows that count, fewer than there are where windows overlap.
    """

    held_out: Float[Tensor, " h"]
    fake: Float[Tensor, " m"]
    row: Int[Tensor, " m"]
    pool: Float[Tensor, " m"]
    pool_row: Int[Tensor, " m"]
    reach: float
    n_train: int
    independent: int

    @cached_property
    def rank(self) -> int:
        """The order statistic of the held-out distances that is their 1st percentile."""
        return max(1, round(PERCENTILE * self.independent))

    @cached_property
    def percentile(self) -> float:
        """Share of the held-out rows up to that order statistic: 1 %, more for few rows."""
        return self.rank / self.independent

    @cached_property
    def threshold(self) -> float:
        """1st percentile of the held-out distances.

        Of h independent rows the r-th distance lies at level r / (h + 1); where more rows than h
        are there, because they overlap, it is their quantile of that level.
        """
        rank = int(self.rank * (len(self.held_out) + 1) / (self.independent + 1))
        return float(self.held_out.kthvalue(max(1, rank)).values)

    @cached_property
    def close(self) -> int:
        """Samples nearer to a training row than the threshold."""
        return int((self.fake < self.threshold).sum())

    @cached_property
    def close_p(self) -> float:
        r"""P(as many close samples or more) for fresh samples of the population.

        Held-out rows and fresh samples are then exchangeable, and the number of m samples below
        the r-th of h held-out distances is beta-binomial with parameters r and h - r + 1, whatever
        the distribution of the distances. Rows that overlap count as h independent ones.
        """
        tail = _tail(len(self.fake), self.rank, self.independent - self.rank + 1)
        return float(tail[self.close])

    @cached_property
    def far(self) -> float:
        """Share of the samples farther from the training rows than 95 % of the held-out rows."""
        limit = self.held_out.quantile(FAR)
        return float((self.fake > limit).double().mean())

    @cached_property
    def mann_whitney(self) -> float:
        """Mann-Whitney z of sample against held-out distances; below 0 is nearer.

        Its standard error is that of `independent` held-out rows.
        """
        m, rows, h = len(self.fake), len(self.held_out), self.independent
        error: float = ((m + rows + 1) * h / ((m + h + 1) * rows)) ** 0.5
        return mann_whitney_z(self.fake, self.held_out) * error

    @cached_property
    def side(self) -> "Side":
        """Which side the closest samples take: training or held-out rows."""
        chosen = self.pool_row[self.pool < self.reach]
        total = self.n_train + len(self.held_out)
        return side_test(chosen, self.n_train, total)

    def with_copies(self, position: Int[Tensor, " k"], copied: Int[Tensor, " k"]) -> "CopyEvidence":
        """The same with the samples at `position` replaced by the training rows `copied`."""
        return CopyEvidence(
            held_out=self.held_out,
            fake=self.fake.index_fill(0, position, 0.0),
            row=self.row.index_copy(0, position, copied),
            pool=self.pool.index_fill(0, position, 0.0),
            pool_row=self.pool_row.index_copy(0, position, copied),
            reach=self.reach,
            n_train=self.n_train,
            independent=self.independent,
        )


@dataclass(frozen=True)
class Side:
    """Among the closest samples, those that lie at a training row rather than a held-out one.

    Attributes:
        n: Samples that are closer to some row than 1 % of the rows are to another.
        train: Share of them whose nearest row is a training row.
        expected: The share of training rows among all rows: what generalising gives.
        z: Standardised share.
        best_z: The z if all of them lay at training rows: the test has no power when it is small.
    """

    n: int
    train: float
    expected: float
    z: float
    best_z: float


def side_test(chosen: Int[Tensor, " n"], n_train: int, total: int) -> Side:
    r"""Standardised number of samples at a training row, when the label "training" is random.

    A generator that learned the population cannot know which of its rows were held out: given the
    nearest rows, labels are a draw without replacement. With $w_r$ samples at row r,
    $W = \sum_r w_r$, N rows, a share p of them for training, the number has mean $pW$ and variance
    $p(1-p) \frac{N}{N-1} (\sum_r w_r^2 - W^2/N)$. Hubs, at which many samples lie, count once.

    Args:
        chosen: Nearest row of each close sample; training rows are 0 ... n_train - 1.
        n_train: Number of training rows.
        total: Number N of rows.
    """
    weight = torch.bincount(chosen, minlength=total).double()
    n, p = len(chosen), n_train / total
    spread = float(weight.square().sum()) - n * n / total
    error = (p * (1 - p) * total / (total - 1) * max(spread, 0.0)) ** 0.5
    if error == 0:
        return Side(n, torch.nan, p, 0.0, 0.0)
    at_train = float(weight[:n_train].sum())
    return Side(n, at_train / n, p, (at_train - p * n) / error, (1 - p) * n / error)


def beta_binomial(n: int, a: int, b: int) -> Float[Tensor, " k"]:
    r"""Probabilities of 0 ... n successes, $\binom nk B(k + a, n - k + b) / B(a, b)$.

    >>> beta_binomial(2, 1, 1).mul(3).tolist()
    [1.0, 1.0, 1.0]
    """
    k = torch.arange(n + 1, dtype=torch.float64)
    choose = torch.lgamma(torch.tensor(n + 1.0, dtype=torch.float64))
    choose = choose - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    whole = _log_beta(*torch.tensor([a, b], dtype=torch.float64))
    return (choose + _log_beta(k + a, n - k + b) - whole).exp()


@lru_cache(maxsize=4)
def _tail(n: int, a: int, b: int) -> tuple[float, ...]:
    """Probability of k successes or more, for each k: a power curve asks a thousand times."""
    return tuple(beta_binomial(n, a, b).flip(0).cumsum(0).flip(0).tolist())


def copy_evidence(
    *,
    train: Float[Tensor, "n c *s"],
    held_out: Float[Tensor, "h c *s"],
    fake: Float[Tensor, "m c *s"],
    views: Sequence[View],
    features: Callable[[Tensor], Tensor] | None,
    rng: torch.Generator | None,
    independent: int | None = None,
) -> CopyEvidence:
    """Search the neighbours that the tests need.

    The reach of the side test is taken from up to 1,000 random rows of the pool, so that it does
    not depend on which of them were for training.
    """

    def search(x: Tensor, rows: Tensor, skip: Tensor | None = None) -> tuple[Tensor, Tensor]:
        found = nearest_over_views(x, rows, views=views, features=features, skip=skip)
        return found.distance[:, 0], found.index[:, 0]

    pool = torch.cat([train, held_out])
    probe = torch.randperm(len(pool), generator=rng)[:PROBES]
    to_pool, _ = search(pool[probe], pool, probe)
    control, _ = search(held_out, train)
    to_train, row = search(fake, train)
    to_held_out, held_out_row = search(fake, held_out)
    at_train = to_train <= to_held_out
    return CopyEvidence(
        held_out=control,
        fake=to_train,
        row=row,
        pool=torch.where(at_train, to_train, to_held_out),
        pool_row=torch.where(at_train, row, held_out_row + len(train)),
        reach=float(to_pool.quantile(PERCENTILE)),
        n_train=len(train),
        independent=independent or len(held_out),
    )


def _log_beta(a: Tensor, b: Tensor) -> Tensor:
    return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
