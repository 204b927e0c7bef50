"""A vector autoregression with a sparse, known graph of Granger causes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.data.base import require_at_least
from gan_lab.data.synthetic.checks import equicorrelated, require_between, require_matrix
from gan_lab.data.synthetic.noise import normals
from gan_lab.data.synthetic.process import Process
from gan_lab.data.synthetic.recurrence import (
    spectral_radius,
    stationary_covariance,
    vector_recurrence,
)
from gan_lab.errors import UserError


@dataclass(frozen=True)
class VARTruth:
    r"""Law of $x_t = \sum_k A_k x_{t-k} + e_t$ with Gaussian shocks.

    Attributes:
        coefficients: $A_k$, effect in rows and cause in columns, `(p, c, c)`.
        noise_covariance: Covariance of the shocks, `(c, c)`.
    """

    coefficients: Float[Tensor, "p c c"]
    noise_covariance: Float[Tensor, "c c"]

    @property
    def companion(self) -> Float[Tensor, "d d"]:
        """One-lag form over the stacked last `p` values, `(p c, p c)`."""
        return companion(self.coefficients)

    @property
    def radius(self) -> float:
        """Spectral radius of the companion matrix, below 1."""
        return spectral_radius(self.companion)

    @property
    def granger(self) -> Bool[Tensor, "c c"]:
        """Whether channel j (column) Granger-causes channel i (row), given all the others.

        The diagonal is False. Shocks that are correlated at the same step are no cause.
        """
        cause = (self.coefficients != 0).any(dim=0)
        return cause & ~torch.eye(len(cause), dtype=torch.bool)

    def autocovariance(self, lag: int) -> Float[Tensor, "c c"]:
        r"""$\mathrm{Cov}(x_t, x_{t-\mathrm{lag}})$, `(c, c)`; lag 0 gives the covariance."""
        c = self.coefficients.shape[1]
        power = torch.linalg.matrix_power(self.companion, lag)
        covariance: Tensor = power @ self.state_covariance()
        return covariance[:c, :c]

    def state_covariance(self) -> Float[Tensor, "d d"]:
        """Stationary covariance of the stacked last `p` values, from the Lyapunov equation."""
        c = self.coefficients.shape[1]
        noise = torch.zeros_like(self.companion)
        noise[:c, :c] = self.noise_covariance
        return stationary_covariance(self.companion, noise)


class VAR(Process):
    r"""Several channels that lead and lag each other along known edges.

    The path starts in its stationary law.

    Attributes:
        truth: The law and its Granger graph.

    Args:
        channels: Number of channels.
        lags: Number of lags.
        edges: Number of ordered pairs of channels of which one causes the other.
        radius: Spectral radius of the companion matrix, in (0, 1): how long shocks last.
        graph_seed: Seed of the edges and weights.
        coefficients: Matrices $A_1, \dots, A_p$ as nested lists, effect in rows; they replace
            the random ones, and the five arguments above are not used.
        noise_std: Standard deviation of each channel's shocks.
        correlation: Correlation of the shocks of two channels at the same step.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If a number is out of range or the process is not stable.
    """

    name = "var"

    def __init__(
        self,
        channels: int = 5,
        lags: int = 2,
        edges: int = 5,
        radius: float = 0.8,
        graph_seed: int = 0,
        coefficients: Sequence[Sequence[Sequence[float]]] | None = None,
        noise_std: float = 1.0,
        correlation: float = 0.3,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if coefficients is None:
            weights = sparse_coefficients(
                channels=channels, lags=lags, edges=edges, radius=radius, seed=graph_seed
            )
        else:
            weights = _given(coefficients)
        noise = equicorrelated(weights.shape[1], noise_std, correlation)
        self.truth = VARTruth(weights, noise)
        if not self.truth.radius < 1:
            raise UserError(
                f"data.coefficients have the spectral radius {self.truth.radius:.3f}; "
                "expected below 1, or the series explodes"
            )
        self.channel_names = tuple(f"x{i}" for i in range(weights.shape[1]))

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t c"]:
        """Draw `n` stationary paths, `(n, steps, c)`."""
        p, c, _ = self.truth.coefficients.shape
        noise = normals(n, p * c + (steps - 1) * c, generator=generator)
        drive = torch.zeros(n, steps, p * c, dtype=torch.float64)
        drive[:, 0] = noise[:, : p * c] @ torch.linalg.cholesky(self.truth.state_covariance()).T
        shocks = noise[:, p * c :].reshape(n, steps - 1, c)
        drive[:, 1:, :c] = shocks @ torch.linalg.cholesky(self.truth.noise_covariance).T
        return vector_recurrence(self.truth.companion, drive)[..., :c]


def companion(coefficients: Float[Tensor, "p c c"]) -> Float[Tensor, "d d"]:
    """Matrix that takes the last `p` values, newest first, one step on: `(p c, p c)`."""
    p, c, _ = coefficients.shape
    matrix = torch.diag_embed(torch.ones((p - 1) * c, dtype=torch.float64), offset=-c)
    matrix[:c] = coefficients.transpose(0, 1).reshape(c, p * c)
    return matrix


def sparse_coefficients(
    *, channels: int, lags: int, edges: int, radius: float, seed: int
) -> Float[Tensor, "p c c"]:
    r"""Random stable coefficients with `edges` causes between channels, `(lags, c, c)`.

    Every channel remembers its own last value with weight $U(0.3, 0.6)$; every edge acts at one
    lag with weight $\pm U(0.3, 0.6)$. Then $A_k$ is multiplied by $s^k$, which multiplies all
    eigenvalues of the companion matrix by s.

    Raises:
        UserError: If a number is out of range.
    """
    require_at_least("channels", channels, 1)
    require_at_least("lags", lags, 1)
    require_at_least("edges", edges, 0)
    require_at_least("graph_seed", seed, 0)
    require_between("radius", radius, 0.0, 1.0)
    pairs = (~torch.eye(channels, dtype=torch.bool)).nonzero()
    if edges > len(pairs):
        raise UserError(f"data.edges is {edges}; {channels} channels have {len(pairs)} pairs")
    generator = torch.Generator().manual_seed(seed)

    def weights(count: int) -> Tensor:
        return 0.3 + 0.3 * torch.rand(count, generator=generator, dtype=torch.float64)

    coefficients = torch.zeros(lags, channels, channels, dtype=torch.float64)
    coefficients[0].diagonal().copy_(weights(channels))
    effect, cause = pairs[torch.randperm(len(pairs), generator=generator)[:edges]].T
    lag = torch.randint(lags, (edges,), generator=generator)
    sign = 2 * torch.randint(2, (edges,), generator=generator) - 1
    coefficients[lag, effect, cause] = sign * weights(edges)
    ratio = radius / spectral_radius(companion(coefficients))
    return coefficients * ratio ** torch.arange(1.0, lags + 1, dtype=torch.float64)[:, None, None]


def _given(coefficients: Sequence[Sequence[Sequence[float]]]) -> Float[Tensor, "p c c"]:
    if not coefficients:
        raise UserError("data.coefficients is empty; expected one matrix per lag")
    c = len(coefficients[0])
    return torch.stack([require_matrix("coefficients", one, (c, c)) for one in coefficients])
