"""A series whose mean drifts: not stationary, so that parts of its history differ."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.synthetic.ar import ARTruth, autoregression
from gan_lab.data.synthetic.checks import require_between, require_finite, require_positive
from gan_lab.data.synthetic.noise import normals
from gan_lab.data.synthetic.process import Process
from gan_lab.errors import UserError


@dataclass(frozen=True)
class DriftTruth:
    """Law of an AR(1) around a moving mean.

    Attributes:
        deviation: Law of the deviations from the mean.
        amplitude: Height of the mean's wave.
        period: Steps of one wave.
        slope: Rise of the mean per step.
    """

    deviation: ARTruth
    amplitude: float
    period: float
    slope: float

    def mean(self, steps: int) -> Float[Tensor, " t"]:
        r"""Mean at the steps 0 to `steps - 1`, $a \sin(2\pi t / p) + b t$."""
        t = torch.arange(steps, dtype=torch.float64)
        return self.amplitude * (2 * math.pi * t / self.period).sin() + self.slope * t

    def interval_means(self, steps: int, intervals: int) -> Float[Tensor, " k"]:
        """Average of the mean over each of `intervals` parts of equal length.

        Raises:
            UserError: If there are more intervals than steps.
        """
        if not 1 <= intervals <= steps:
            raise UserError(f"{steps} steps cannot be cut into {intervals} intervals")
        parts = self.mean(steps).tensor_split(intervals)
        return torch.stack([part.mean() for part in parts])


class Drift(Process):
    r"""One channel, $x_t = a \sin(2\pi t / p) + b t + u_t$ with a stationary AR(1) $u$.

    Attributes:
        truth: The law; step 0 is the first one of the path.

    Args:
        coefficient: Weight of the last deviation, in (-1, 1).
        noise_std: Standard deviation of the shocks.
        amplitude: $a$.
        period: $p$, in steps.
        slope: $b$, per step.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If a number is out of range, the mean does not move, or independent windows
            are asked for.
    """

    name = "drift"
    channel_names = ("value",)

    def __init__(
        self,
        coefficient: float = 0.5,
        noise_std: float = 1.0,
        amplitude: float = 3.0,
        period: float = 4000.0,
        slope: float = 0.0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        if self.independent:
            raise UserError(
                "data=drift is one path: its clock is part of it; leave out independent"
            )
        deviation = ARTruth(
            coefficient=require_between("coefficient", coefficient, -1.0, 1.0),
            mean=0.0,
            noise_std=require_positive("noise_std", noise_std),
        )
        self.truth = DriftTruth(
            deviation=deviation,
            amplitude=require_finite("amplitude", amplitude),
            period=require_positive("period", period),
            slope=require_finite("slope", slope),
        )
        if amplitude == 0 and slope == 0:
            raise UserError("data.amplitude and data.slope are 0: nothing drifts; use data=ar")

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t 1"]:
        """Draw `n` paths that all begin at step 0, `(n, steps, 1)`."""
        noise = normals(n, steps, generator=generator)
        return self.truth.mean(steps)[:, None] + autoregression(self.truth.deviation, noise)
