"""Sine waves with random frequencies and phases: TimeGAN's set, and one that is periodic."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.synthetic.checks import require_positive
from gan_lab.data.synthetic.noise import uniforms
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

Interval = tuple[float, float]


@dataclass(frozen=True)
class SinesTruth:
    r"""Law of $x_t = s\,A \sin(f t + p) + o$; A, f and p are uniform and independent.

    Channels are independent and alike, and every window is drawn anew.

    Attributes:
        amplitude: Range of A.
        frequency: Range of f, in radians per step.
        phase: Range of p, in radians.
        scale: Factor s.
        offset: Shift o.
    """

    amplitude: Interval
    frequency: Interval
    phase: Interval
    scale: float = 1.0
    offset: float = 0.0

    def mean(self, steps: int) -> Float[Tensor, " t"]:
        r"""Mean at the steps 0 to `steps - 1`, $s\,E[A]\,\mathrm{Im}(\phi_f(t) \phi_p(1)) + o$."""
        t = torch.arange(steps, dtype=torch.float64)
        return self.scale * self._wave_mean(t) + self.offset

    def covariance(self, steps: int) -> Float[Tensor, "t t"]:
        r"""Covariance of two steps of one channel, `(steps, steps)`.

        $$ E[\sin(fs+p) \sin(ft+p)] = \tfrac12 \mathrm{Re}\,\phi_f(t - s)
        - \tfrac12 \mathrm{Re}(\phi_f(t + s) \phi_p(2)) $$
        """
        low, high = self.amplitude
        t = torch.arange(steps, dtype=torch.float64)
        apart, sum_ = t[None] - t[:, None], t[None] + t[:, None]
        twice = _characteristic(self.phase, torch.full((), 2.0, dtype=torch.float64))
        near = _characteristic(self.frequency, apart).real
        far = (_characteristic(self.frequency, sum_) * twice).real
        square = (low**2 + low * high + high**2) / 3
        mean = self._wave_mean(t)
        return self.scale**2 * (square / 2 * (near - far) - mean[None] * mean[:, None])

    def _wave_mean(self, t: Float[Tensor, " t"]) -> Float[Tensor, " t"]:
        once = _characteristic(self.phase, torch.ones((), dtype=torch.float64))
        wave: Tensor = (_characteristic(self.frequency, t) * once).imag
        return (self.amplitude[0] + self.amplitude[1]) / 2 * wave


class SineWindows(DataModule):
    """Base of the sine sets: `n` independent windows `(channels, window)`, split at random.

    Attributes:
        truth: The law.

    Args:
        n: Number of windows.
        channels: Number of channels.
        window: Steps per window.
        data_seed: Seed of the population; independent of the training seed.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If a number is out of range.
    """

    name: str

    def __init__(
        self,
        n: int,
        channels: int,
        window: int,
        data_seed: int,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        require_at_least("n", n, 2)
        require_at_least("channels", channels, 1)
        require_at_least("window", window, 2)
        require_at_least("data_seed", data_seed, 0)
        self.n, self.channels, self.window, self.data_seed = n, channels, window, data_seed

    @property
    @abstractmethod
    def truth(self) -> SinesTruth:
        """The law."""

    def load(self) -> Samples:
        """Draw the windows of `data_seed`."""
        truth = self.truth
        generator = torch.Generator().manual_seed(self.data_seed)
        share = uniforms(self.n, self.channels, 3, 1, generator=generator)
        amplitude = _within(truth.amplitude, share[:, :, 0])
        frequency = _within(truth.frequency, share[:, :, 1])
        phase = _within(truth.phase, share[:, :, 2])
        t = torch.arange(self.window, dtype=torch.float64)
        spec = DataSpec(
            name=self.name,
            modality="series",
            channels=self.channels,
            spatial=(self.window,),
            channel_names=tuple(f"sine{i}" for i in range(self.channels)),
            scale=(truth.scale,),
            offset=(truth.offset,),
        )
        return Samples((amplitude * (frequency * t + phase).sin()).float(), None, spec)


class Sines(SineWindows):
    r"""The Sines of the TimeGAN table: $x = (\sin(f t + p) + 1) / 2$, $f, p \sim U(0, 0.1)$.

    With 24 steps no channel passes 2.4 radians, so that most are monotone: these series are not
    periodic. They are deterministic too, and thus useless for tests of causes. Use
    `PeriodicSines` where cycles matter.

    Source: the data that TimeGAN's code draws (Yoon et al. 2019); the paper tells other ranges.
    """

    name = "sines"

    def __init__(
        self,
        n: int = 10_000,
        channels: int = 5,
        window: int = 24,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, channels, window, data_seed, **options)

    @property
    def truth(self) -> SinesTruth:
        """The law."""
        return SinesTruth((1.0, 1.0), (0.0, 0.1), (0.0, 0.1), scale=0.5, offset=0.5)


class PeriodicSines(SineWindows):
    r"""Whole waves, $A \sin(2\pi f t / T + p)$, with f cycles per window of T steps.

    $A \sim U(0.1, 0.9)$ and $p \sim U(-\pi, \pi)$: the mean is zero and the law stationary.

    Source: Esteban et al. 2017 (RGAN), sine waves; there T = 30 and one channel.

    Args:
        low: Lowest frequency, in cycles per window.
        high: Highest frequency, in cycles per window.
        n: Number of windows.
        channels: Number of channels.
        window: Steps per window T.
        data_seed: Seed of the population; independent of the training seed.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If a number is out of range, or `high` exceeds half a cycle per step, where
            fast waves look like slow ones.
    """

    name = "periodic_sines"

    def __init__(
        self,
        low: float = 1.0,
        high: float = 5.0,
        n: int = 10_000,
        channels: int = 5,
        window: int = 24,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, channels, window, data_seed, **options)
        require_positive("low", low)
        if not low <= high <= window / 2:
            raise UserError(
                f"data.low is {low} and data.high {high} cycles per window; "
                f"expected low <= high <= {window / 2:g}, half of data.window"
            )
        self.low, self.high = low, high

    @property
    def truth(self) -> SinesTruth:
        """The law."""
        cycle = 2 * math.pi / self.window
        return SinesTruth((0.1, 0.9), (self.low * cycle, self.high * cycle), (-math.pi, math.pi))


def _within(interval: Interval, share: Tensor) -> Tensor:
    return interval[0] + (interval[1] - interval[0]) * share


def _characteristic(interval: Interval, k: Float[Tensor, "*s"]) -> Complex[Tensor, "*s"]:
    r"""$E[e^{ikU}]$ of a uniform U on `interval`."""
    middle, width = (interval[0] + interval[1]) / 2, interval[1] - interval[0]
    return torch.sinc(k * width / (2 * math.pi)) * (1j * k * middle).exp()
