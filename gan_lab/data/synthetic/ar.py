"""A stationary first-order autoregression: the smallest process with a memory."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.synthetic.checks import require_between, require_finite, require_positive
from gan_lab.data.synthetic.noise import normals
from gan_lab.data.synthetic.process import Process
from gan_lab.data.synthetic.recurrence import scalar_recurrence


@dataclass(frozen=True)
class ARTruth:
    """Law of a stationary AR(1).

    Attributes:
        coefficient: Weight of the last value, in (-1, 1).
        mean: Mean of the values.
        noise_std: Standard deviation of the shocks.
    """

    coefficient: float
    mean: float
    noise_std: float

    @property
    def variance(self) -> float:
        r"""Variance of the values, $\sigma^2 / (1 - \phi^2)$."""
        return self.noise_std**2 / (1 - self.coefficient**2)

    def autocorrelation(self, lags: int) -> Float[Tensor, " k"]:
        r"""Autocorrelations $\phi^k$ at the lags 0 to `lags`, shape `(lags + 1,)`."""
        powers: Tensor = self.coefficient ** torch.arange(lags + 1, dtype=torch.float64)
        return powers


class AR(Process):
    r"""One channel, $x_t = \mu + \phi (x_{t-1} - \mu) + \sigma \varepsilon_t$, Gaussian.

    The path starts in its stationary law.

    Attributes:
        truth: The law.

    Args:
        coefficient: $\phi$, in (-1, 1).
        mean: $\mu$.
        noise_std: $\sigma$.
        n: Number of windows.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If a number is out of range.
    """

    name = "ar"
    channel_names = ("value",)

    def __init__(
        self,
        coefficient: float = 0.8,
        mean: float = 0.0,
        noise_std: float = 1.0,
        n: int = 50_000,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n=n, **options)
        self.truth = ARTruth(
            coefficient=require_between("coefficient", coefficient, -1.0, 1.0),
            mean=require_finite("mean", mean),
            noise_std=require_positive("noise_std", noise_std),
        )

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t 1"]:
        """Draw `n` stationary paths, `(n, steps, 1)`."""
        return self.truth.mean + autoregression(self.truth, normals(n, steps, generator=generator))


def autoregression(truth: ARTruth, noise: Float[Tensor, "n t"]) -> Float[Tensor, "n t 1"]:
    """Deviations from the mean that standard normal `noise` drives, from a stationary start."""
    drive = truth.noise_std * noise
    drive[:, 0] = math.sqrt(truth.variance) * noise[:, 0]
    return scalar_recurrence(torch.full_like(drive, truth.coefficient), drive)[..., None]
