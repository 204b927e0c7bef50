r"""The mean pull-back metric $M = E_z[J(z)^\top J(z)]$: which latent steps change the output most.

A small step v changes the output by $\|J v\|^2 = v^\top J^\top J v$, so that the eigenvectors of M
order the latent space by the change that they make on average. It asks for no labels and works
for every generator that can be differentiated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.explore.jacobian import Linearised, Way, jacobian
from gan_lab.explore.output import Decode

OVERSAMPLE = 8
ROUNDS = 4
BATCH = 32


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Leading eigenvectors of a metric.

    Attributes:
        vectors: Orthonormal rows, largest value first, `(k, d)` in float64.
        values: Mean squared change of the output per squared unit of latent, `(k,)`.
        total: Trace of the metric: the sum of all values, those left out too.
    """

    vectors: Float[Tensor, "k d"]
    values: Float[Tensor, " k"]
    total: float

    @property
    def shares(self) -> Float[Tensor, " k"]:
        """Share of the change that each vector makes, `(k,)`."""
        return self.values / self.total if self.total > 0 else torch.zeros_like(self.values)


def mean_metric(
    decode: Decode, z: Float[Tensor, "n d"], way: Way = Way.COLUMNS, *, batch_size: int = BATCH
) -> Float[Tensor, "d d"]:
    r"""$\frac1n \sum_i J(z_i)^\top J(z_i)$ in float64, `(d, d)`.

    Args:
        decode: The generator.
        z: Latents to average over, `(n, d)`.
        way: How to compute Jacobians.
        batch_size: Latents whose Jacobians are in memory at once.
    """
    total = torch.zeros(z.shape[1], z.shape[1], dtype=torch.float64)
    for part in torch.split(z, batch_size):
        j = jacobian(decode, part, way).flatten(0, 1).double().cpu()
        total += j.T @ j
    return total / len(z)


def spectrum(metric: Float[Tensor, "d d"], top: int) -> Spectrum:
    """The `top` leading eigenvectors of a metric, each with its largest entry positive."""
    values, vectors = torch.linalg.eigh(metric.double())
    top = min(top, len(values))
    leading = vectors.flip(1)[:, :top].T
    return Spectrum(with_sign(leading), values.flip(0)[:top].clamp_min(0), float(values.sum()))


def sketched_spectrum(near: Sequence[Linearised], top: int, *, seed: int = 0) -> Spectrum:
    r"""The same without any Jacobian: products $J^\top(J v)$ with a few random vectors v.

    Subspace iteration, then the small eigenproblem; it takes `(ROUNDS + 2) * (top + OVERSAMPLE)`
    products instead of d. `total` is exact where `top + OVERSAMPLE` is d or more, and otherwise the
    captured trace plus an unbiased estimate of the rest from as many random signs.

    Args:
        near: The generator near the latents to average over.
        top: Number of eigenvectors.
        seed: Seed of the random vectors.

    Source: Halko, Martinsson, Tropp 2011, alg. 4.4 and 5.3; Meyer et al. 2021 (Hutch++), alg. 1.
    """
    dim = near[0].dim
    rng = torch.Generator().manual_seed(seed)
    width = min(top + OVERSAMPLE, dim)
    basis = torch.linalg.qr(torch.randn(dim, width, generator=rng, dtype=torch.float64))[0]
    for _ in range(ROUNDS):
        basis = torch.linalg.qr(_apply(near, basis))[0]
    small = basis.T @ _apply(near, basis)
    values, turned = torch.linalg.eigh((small + small.T) / 2)
    leading = (basis @ turned.flip(1))[:, :top].T
    total = float(values.sum()) + _rest(near, basis, rng)
    return Spectrum(with_sign(leading), values.flip(0)[:top].clamp_min(0), total)


def local_spectrum(
    decode: Decode, z: Float[Tensor, "1 d"], top: int, way: Way = Way.COLUMNS
) -> Spectrum:
    r"""The SVD of the Jacobian at one latent: right singular vectors and $\sigma^2$."""
    j = jacobian(decode, z, way)[0].double().cpu()
    _, sigma, vectors = torch.linalg.svd(j, full_matrices=False)
    top = min(top, len(sigma))
    squares = sigma.square()
    return Spectrum(with_sign(vectors[:top]), squares[:top], float(squares.sum()))


@dataclass(frozen=True, eq=False)
class Change:
    r"""How much of the output's change vectors carry, $v^\top M v / \mathrm{tr} M$.

    Orthonormal vectors that span the latent space add up to 1; a random one has 1/d on average.

    Attributes:
        along: Mean squared change $E\|J v\|^2$ of unit vectors, `(k, d)` to `(k,)`.
        total: Trace of the metric.
    """

    along: Callable[[Tensor], Tensor]
    total: float

    def shares(self, vectors: Float[Tensor, "k d"]) -> Float[Tensor, " k"]:
        """Share of the change along each vector, `(k,)`."""
        unit = torch.nn.functional.normalize(vectors.double(), dim=1)
        change = self.along(unit)
        return change / self.total if self.total > 0 else torch.zeros_like(change)

    def together(self, vectors: Float[Tensor, "k d"]) -> float:
        """Share of the change within the span of vectors that need not be orthogonal."""
        _, sigma, right = torch.linalg.svd(vectors.double(), full_matrices=False)
        return float(self.shares(right[sigma > 1e-9 * sigma.max()]).sum())


def change_of(metric: Float[Tensor, "d d"]) -> Change:
    """Change measured by a whole metric."""
    return Change(lambda unit: ((unit @ metric) * unit).sum(1), float(metric.trace()))


def change_by_products(near: Sequence[Linearised], total: float) -> Change:
    """Change measured by one product J v per vector and latent; `total` as in a `Spectrum`."""

    def along(unit: Float[Tensor, "k d"]) -> Float[Tensor, " k"]:
        pushed = [
            torch.cat([one.push(v.expand(len(one.y), -1)) for one in near]).double() for v in unit
        ]
        return torch.stack([rows.square().sum(1).mean().cpu() for rows in pushed])

    return Change(along, total)


def with_sign(vectors: Float[Tensor, "k d"]) -> Float[Tensor, "k d"]:
    """Rows turned so that the entry of largest size is positive: a direction has no sign."""
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    return torch.where(largest < 0, -vectors, vectors)


def _apply(near: Sequence[Linearised], basis: Float[Tensor, "d m"]) -> Float[Tensor, "d m"]:
    """M times each column."""
    columns = []
    for v in basis.T:
        pulled = [one.pull(one.push(v.expand(len(one.y), -1))) for one in near]
        columns.append(torch.cat(pulled).double().mean(0).cpu())
    return torch.stack(columns, 1)


def _rest(near: Sequence[Linearised], basis: Float[Tensor, "d m"], rng: torch.Generator) -> float:
    """Estimate of the trace outside the basis."""
    dim, width = basis.shape
    if width == dim:
        return 0.0
    signs = torch.randint(2, (dim, width), generator=rng).double() * 2 - 1
    outside = signs - basis @ (basis.T @ signs)
    return float((outside * _apply(near, outside)).sum()) / width
