"""Fréchet distance: how far two Gaussians with the moments of two sets are apart."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError

BLOCKS = 8


@dataclass(frozen=True)
class Moments:
    """Mean and covariance of a set of features, in float64.

    Attributes:
        n: Number of rows.
        mean: `(d,)`.
        covariance: With n - 1 in the denominator, `(d, d)`.
    """

    n: int
    mean: Float[Tensor, " d"]
    covariance: Float[Tensor, "d d"]


@dataclass(frozen=True)
class Frechet:
    """A Fréchet distance and its parts.

    Attributes:
        distance: The squared 2-Wasserstein distance of the two Gaussians: `mean` + `covariance`.
        mean: Squared distance of the means.
        covariance: What the covariances add.
        n: Rows on each side. The distance is biased upwards, the more so the smaller n is:
            compare scores of equal n only.
        features: Dimension d.
    """

    distance: float
    mean: float
    covariance: float
    n: int
    features: int


class MomentAccumulator:
    """Mean and covariance of features that come in batches, in float64.

    The scatter matrix about the running mean is updated, not raw second moments, so that a large
    common offset costs no digits.

    Source: Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979.

    >>> accumulator = MomentAccumulator(1)
    >>> for batch in torch.tensor([[[0.0], [1.0]], [[2.0], [5.0]]]):
    ...     accumulator.update(batch)
    >>> accumulator.moments().mean.tolist(), accumulator.moments().n
    ([2.0], 4)
    """

    def __init__(self, features: int) -> None:
        self._n = 0
        self._mean = torch.zeros(features, dtype=torch.float64)
        self._scatter = torch.zeros(features, features, dtype=torch.float64)

    def update(self, batch: Float[Tensor, "n d"]) -> None:
        """Add rows `(n, d)`."""
        if len(batch) == 0:
            return
        mean = batch.mean(dim=0, dtype=torch.float64)
        centred = batch.double() - mean
        total = self._n + len(batch)
        shift = mean - self._mean
        self._scatter += _gram(centred)
        self._scatter += torch.outer(shift, shift) * (self._n * len(batch) / total)
        self._mean += shift * (len(batch) / total)
        self._n = total

    def moments(self) -> Moments:
        """What the rows so far say.

        Raises:
            UserError: If there are fewer than two rows.
        """
        if self._n < 2:
            raise UserError(f"a covariance needs two or more rows, not {self._n}")
        return Moments(self._n, self._mean.clone(), self._scatter / (self._n - 1))


def moments(x: Float[Tensor, "n d"], *, block: int = 8192) -> Moments:
    """Mean and covariance of one set `(n, d)`."""
    accumulator = MomentAccumulator(x.shape[1])
    for part in torch.split(x, block):
        accumulator.update(part)
    return accumulator.moments()


def frechet_distance(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> Frechet:
    r"""$\|\mu_x - \mu_y\|^2 + \mathrm{tr}(S_x + S_y - 2 (S_x S_y)^{1/2})$ of two sets of features.

    With fewer rows than features the last trace is the nuclear norm of an n x n matrix,
    $\|\tilde X \tilde Y^\top\|_* / (n - 1)$ with centred rows, and no covariance is formed.

    Args:
        x: Features of one set, `(n, d)`.
        y: Features of the other, `(m, d)`, with m = n.

    Raises:
        UserError: If the sets differ in size, or hold fewer than two rows.

    Source: Heusel et al., "GANs trained by a two time-scale update rule", 2017, eq. 6; Dowson &
    Landau, "The Fréchet distance between multivariate normal distributions", 1982, eq. 4.

    >>> x = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> round(frechet_distance(x, x + 3.0).distance, 9)
    18.0
    """
    if len(x) != len(y):
        raise UserError(
            f"Fréchet distance: {len(x)} and {len(y)} rows; its bias depends on the number, so use "
            "as many of each"
        )
    if len(x) > x.shape[1]:
        return frechet_distance_of_moments(moments(x), moments(y))
    if len(x) < 2:
        raise UserError("Fréchet distance: a covariance needs two or more rows")
    mean_x, mean_y = (part.mean(dim=0, dtype=torch.float64) for part in (x, y))
    a, b = x.double() - mean_x, y.double() - mean_y
    cross = torch.linalg.svdvals(a @ b.T).sum()
    spread = (a.square().sum() + b.square().sum() - 2 * cross) / (len(x) - 1)
    return _result(mean_x - mean_y, spread, len(x))


def frechet_distance_of_moments(x: Moments, y: Moments) -> Frechet:
    """The same distance from stored moments.

    Raises:
        UserError: If they come from different numbers of rows.
    """
    if x.n != y.n:
        raise UserError(
            f"Fréchet distance: moments of {x.n} and {y.n} rows; its bias depends on the number, "
            "so use as many of each"
        )
    return _result(x.mean - y.mean, gaussian_spread(x.covariance, y.covariance), x.n)


def gaussian_spread(x: Float[Tensor, "d d"], y: Float[Tensor, "d d"]) -> Float[Tensor, ""]:
    r"""$\mathrm{tr}(S_x + S_y - 2 (S_x S_y)^{1/2})$ of two covariances `(d, d)`, in float64.

    For any root $S_x = R R^\top$ the eigenvalues of $S_x S_y$ are those of the symmetric
    $R^\top S_y R$, real and not negative. R is the Cholesky factor, or the symmetric square root
    when $S_x$ is singular.
    """
    x, y = x.double(), y.double()
    root, failed = torch.linalg.cholesky_ex(x)
    product = _symmetric_root_product(x, y) if failed else _congruence(root, y)
    eigenvalues = torch.linalg.eigvalsh(product).clamp(min=0.0)
    spread: Tensor = x.trace() + y.trace() - 2 * eigenvalues.sqrt().sum()
    return spread


def _symmetric_root_product(x: Tensor, y: Tensor) -> Tensor:
    value, vector = torch.linalg.eigh(x)
    root = vector * value.clamp(min=0.0).sqrt()
    product: Tensor = root.T @ y @ root
    return product


def _congruence(lower: Tensor, y: Tensor) -> Tensor:
    """Lower triangle of `lower.T @ y @ lower`, without the products with the zeros of `lower`."""
    edges = torch.linspace(0, len(y), BLOCKS + 1).long().tolist()
    result = torch.empty_like(y)
    for start, end in pairwise(edges):
        right = y[start:, start:] @ lower[start:, start:end]
        for top, bottom in pairwise(edges):
            if top >= start:
                left = lower[top:, top:bottom]
                result[top:bottom, start:end] = left.T @ right[top - start :]
    return result


def _gram(x: Tensor) -> Tensor:
    """`x.T @ x`; each block above the diagonal is the mirror of one below."""
    edges = torch.linspace(0, x.shape[1], BLOCKS + 1).long().tolist()
    result = x.new_empty(x.shape[1], x.shape[1])
    for start, end in pairwise(edges):
        below = x[:, start:].T @ x[:, start:end]
        result[start:, start:end] = below
        result[start:end, start:] = below.T
    return result


def _result(shift: Tensor, spread: Tensor, n: int) -> Frechet:
    mean = float(shift.square().sum())
    covariance = float(spread)
    return Frechet(mean + covariance, mean, covariance, n, len(shift))
