"""Integrated channels that common trends tie together: a vector error-correction model."""

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
class VECMTruth:
    r"""Law of $\Delta x_t = \alpha \beta^\top x_{t-1} + e_t$ with Gaussian shocks.

    Attributes:
        alpha: Speeds at which channels correct their errors, `(c, r)`.
        beta: Cointegration vectors, `(c, r)`: $\beta^\top x$ is stationary.
        noise_covariance: Covariance of the shocks, `(c, c)`.
    """

    alpha: Float[Tensor, "c r"]
    beta: Float[Tensor, "c r"]
    noise_covariance: Float[Tensor, "c c"]

    @property
    def rank(self) -> int:
        """Cointegration rank r; the other c - r dimensions are common trends."""
        return self.beta.shape[1]

    @property
    def long_run(self) -> Float[Tensor, "c c"]:
        r"""$\Pi = \alpha \beta^\top$, of rank r."""
        return self.alpha @ self.beta.T

    @property
    def granger(self) -> Bool[Tensor, "c c"]:
        """Whether channel j (column) Granger-causes channel i (row); False on the diagonal."""
        return (self.long_run != 0) & ~torch.eye(len(self.beta), dtype=torch.bool)

    @property
    def error_dynamics(self) -> Float[Tensor, "r r"]:
        r"""$I + \beta^\top \alpha$: what one step makes of the errors $\beta^\top x$."""
        return torch.eye(self.rank, dtype=torch.float64) + self.beta.T @ self.alpha

    @property
    def error_covariance(self) -> Float[Tensor, "r r"]:
        r"""Stationary covariance of the errors $\beta^\top x$, `(r, r)`."""
        shocks = self.beta.T @ self.noise_covariance @ self.beta
        return stationary_covariance(self.error_dynamics, shocks)


class VECM(Process):
    r"""Several random walks with known cointegration rank and vectors.

    By default the last $c - r$ channels are random walks of their own, and each of the first r
    follows one of them: $\Delta x_k = -\mathrm{speed}\,(x_k - x_{\mathrm{trend}(k)}) + e_k$.
    Levels are not stationary: the held-out end of a path may lie outside the range of its
    beginning. The errors start in their stationary law and the trends near zero.

    Attributes:
        truth: The law, its rank and its vectors.

    Args:
        channels: Number of channels c.
        rank: Cointegration rank r, at least 1 and below c.
        speed: Share of an error that is corrected per step, in (0, 2).
        alpha: Speeds as nested lists `(c, r)`; with `beta` they replace the three above.
        beta: Cointegration vectors as nested lists `(c, r)`.
        noise_std: Standard deviation of each channel's shocks.
        correlation: Correlation of the shocks of two channels at the same step.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If a number is out of range, only one of `alpha` and `beta` is given, their
            ranks do not fit, or the errors are not stationary.
    """

    name = "vecm"

    def __init__(
        self,
        channels: int = 4,
        rank: int = 2,
        speed: float = 0.2,
        alpha: Sequence[Sequence[float]] | None = None,
        beta: Sequence[Sequence[float]] | None = None,
        noise_std: float = 1.0,
        correlation: float = 0.0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if alpha is None and beta is None:
            speeds, vectors = _followers(channels, rank, speed)
        elif alpha is None or beta is None:
            raise UserError("data.alpha and data.beta belong together; give both or none")
        else:
            vectors = require_matrix("beta", beta, (None, None))
            speeds = require_matrix("alpha", alpha, (vectors.shape[0], vectors.shape[1]))
        noise = equicorrelated(len(vectors), noise_std, correlation)
        self.truth = VECMTruth(speeds, vectors, noise)
        _require_cointegrated(self.truth)
        self.channel_names = tuple(f"x{i}" for i in range(len(vectors)))

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t c"]:
        """Draw `n` paths, `(n, steps, c)`."""
        c, r = self.truth.beta.shape
        noise = normals(n, r + (steps - 1) * c, generator=generator)
        errors = noise[:, :r] @ torch.linalg.cholesky(self.truth.error_covariance).T
        drive = torch.empty(n, steps, c, dtype=torch.float64)
        drive[:, 0] = errors @ torch.linalg.pinv(self.truth.beta)
        shocks = noise[:, r:].reshape(n, steps - 1, c)
        drive[:, 1:] = shocks @ torch.linalg.cholesky(self.truth.noise_covariance).T
        step = torch.eye(c, dtype=torch.float64) + self.truth.long_run
        return vector_recurrence(step, drive)


def _followers(
    channels: int, rank: int, speed: float
) -> tuple[Float[Tensor, "c r"], Float[Tensor, "c r"]]:
    require_at_least("channels", channels, 2)
    require_at_least("rank", rank, 1)
    if rank >= channels:
        raise UserError(f"data.rank is {rank}; expected below data.channels={channels}")
    require_between("speed", speed, 0.0, 2.0)
    follower = torch.arange(rank)
    vectors = torch.zeros(channels, rank, dtype=torch.float64)
    vectors[follower, follower] = 1
    vectors[rank + follower % (channels - rank), follower] = -1
    speeds = torch.zeros(channels, rank, dtype=torch.float64)
    speeds[follower, follower] = -speed
    return speeds, vectors


def _require_cointegrated(truth: VECMTruth) -> None:
    c, r = truth.beta.shape
    if r >= c or int(torch.linalg.matrix_rank(truth.long_run)) < r:
        raise UserError(
            f"data.alpha and data.beta are {c} x {r}; expected independent columns, fewer than rows"
        )
    radius = spectral_radius(truth.error_dynamics)
    if not radius < 1:
        raise UserError(
            f"data.alpha and data.beta let errors grow by {radius:.3f} per step; expected below 1: "
            "try the opposite sign of alpha"
        )
