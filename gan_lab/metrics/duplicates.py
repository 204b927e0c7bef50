"""Equal and nearly equal rows, inside a set and between two, and what they say about support."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.neighbours import nearest


@dataclass(frozen=True)
class Duplicates:
    """Rows with a twin.

    Attributes:
        n: Rows that were looked at.
        exact: Rows with an equal one.
        near: Rows with one within `radius`, equal ones included.
        radius: Distance up to which a row counts as nearly equal.
        pairs: The closest pairs (row, its nearest twin), nearest first, at most `shown`.
    """

    n: int
    exact: int
    near: int
    radius: float
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class SupportSize:
    r"""How many different samples a generator makes, from the duplicates among a few.

    Attributes:
        size: $n(n-1) / 2D$ for D pairs of duplicates: the effective number $1 / \sum p_i^2$;
            infinite without any.
        low: Lower end of the 95 % interval.
        high: Upper end; infinite without any pair.
        pairs: Number D of pairs closer than the radius.
        n: Number of samples.
    """

    size: float
    low: float
    high: float
    pairs: int
    n: int


def duplicates_within(
    x: Float[Tensor, "n d"], *, near: float = 0.05, shown: int = 20
) -> Duplicates:
    """Rows of one set that have a twin in it.

    Args:
        x: `(n, d)`.
        near: Radius in medians of the distance to the nearest unequal row.
        shown: Pairs to return.

    Raises:
        UserError: If there are fewer than two rows.

    >>> duplicates_within(torch.tensor([[0.0], [1.0], [0.0], [3.0]])).pairs
    ((0, 2), (2, 0))
    """
    found = nearest(x, x, skip=torch.arange(len(x), device=x.device))
    return _twins(found.distance[:, 0], found.index[:, 0], near, shown)


def exact_within(x: Float[Tensor, "n d"]) -> int:
    """Rows with an equal one in the same set, without any distance: in the order of n log n.

    >>> exact_within(torch.tensor([[0.0], [1.0], [0.0], [3.0]]))
    2
    """
    rows = x.contiguous().numpy()
    whole = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, counts = np.unique(whole, return_counts=True)
    return int(counts[counts > 1].sum())


def duplicates_between(
    x: Float[Tensor, "n d"], y: Float[Tensor, "m d"], *, near: float = 0.05, shown: int = 20
) -> Duplicates:
    """Rows of x that have a twin in y: training rows that leaked into the held-out set.

    Args:
        x: Rows to look at, `(n, d)`.
        y: Where to look for twins, `(m, d)`.
        near: Radius in medians of the distance to the nearest unequal row.
        shown: Pairs to return.

    Raises:
        UserError: If a set is empty.
    """
    found = nearest(x, y)
    return _twins(found.distance[:, 0], found.index[:, 0], near, shown)


def support_size(x: Float[Tensor, "n d"], *, radius: float) -> SupportSize:
    r"""Birthday paradox: $D$ pairs of duplicates among n samples tell how many there are to draw.

    $E[D] = \binom n2 \sum_i p_i^2$, whatever the shares $p_i$; D is taken as Poisson. Look at the
    pairs before the number: what counts as the same sample is up to `radius`.

    Args:
        x: Samples of one generator, `(n, d)`.
        radius: Distance up to which two samples are the same.

    Raises:
        UserError: If there are fewer than two samples or the radius is negative.

    Source: Arora, Risteski & Zhang, "Do GANs learn the distribution?", 2018, section 3.

    >>> support_size(torch.tensor([[0.0], [1.0], [0.0], [3.0]]), radius=0.0).size
    6.0
    """
    if len(x) < 2 or not radius >= 0:
        raise UserError(
            f"support size: {len(x)} samples, radius {radius}; expected two or more samples and a "
            "radius of 0 or more"
        )
    count = _pairs_within(x.double(), radius)
    all_pairs = len(x) * (len(x) - 1) / 2
    fewest, most = _poisson_interval(count)
    return SupportSize(
        size=all_pairs / count if count else torch.inf,
        low=all_pairs / most,
        high=all_pairs / fewest if count else torch.inf,
        pairs=count,
        n=len(x),
    )


def _twins(distance: Tensor, index: Tensor, near: float, shown: int) -> Duplicates:
    unequal = distance[distance > 0]
    radius = near * float(unequal.median()) if len(unequal) else 0.0
    twin = distance <= radius
    order = torch.where(twin, distance, torch.inf).argsort(stable=True)[
        : min(shown, int(twin.sum()))
    ]
    pairs = tuple((int(row), int(index[row])) for row in order)
    return Duplicates(len(distance), int((distance == 0).sum()), int(twin.sum()), radius, pairs)


def _pairs_within(x: Tensor, radius: float, block: int = 256) -> int:
    exactly = "donot_use_mm_for_euclid_dist"
    close = [
        int((torch.cdist(part, x, compute_mode=exactly) <= radius).sum())
        for part in torch.split(x, block)
    ]
    return (sum(close) - len(x)) // 2


def _poisson_interval(count: int) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson mean (Garwood 1936), by bisection."""
    fewest = _solve(count, 0.025) if count else 0.0
    return fewest, _solve(count + 1, 0.975)


def _solve(shape: int, share: float) -> float:
    """The mean at which the regularised incomplete gamma function P(shape, mean) is `share`."""
    low, high = 0.0, 10.0 + 3.0 * shape
    for _ in range(100):
        middle = (low + high) / 2
        value = torch.special.gammainc(torch.tensor(float(shape)), torch.tensor(middle))
        low, high = (middle, high) if value < share else (low, middle)
    return (low + high) / 2
