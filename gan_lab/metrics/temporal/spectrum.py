"""How the variance of a series is spread over frequencies."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError


def periodogram(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b f"]:
    r"""$\frac1T |\sum_t (x_t - \bar x) e^{-2\pi i f t}|^2$, one-sided density.

    Frequencies are $0, 1/T, ..., 1/2$ cycles per step; the values times $1/T$ sum to the variance.

    Args:
        x: Series, `(*b, t)`; computed in float64.

    Returns:
        `(*b, t // 2 + 1)`.

    Source: Brockwell and Davis, "Time series: theory and methods", sec. 10.1.
    """
    return _density(x.double(), torch.ones(x.shape[-1], dtype=torch.float64, device=x.device))


def welch(x: Float[Tensor, "*b t"], segment: int) -> Float[Tensor, "*b f"]:
    """Mean periodogram of half-overlapping segments under a Hann window, one-sided density.

    Less variance than `periodogram`, at a coarser frequency step of 1 / segment.

    Args:
        x: Series, `(*b, t)`; computed in float64.
        segment: Length of the segments, at least 2 and at most t.

    Returns:
        `(*b, segment // 2 + 1)`.

    Raises:
        UserError: If `segment` is out of its range.

    Source: Welch, IEEE Trans. Audio Electroacoustics 15, 1967.
    """
    if not 2 <= segment <= x.shape[-1]:
        raise UserError(f"welch: segment = {segment}; give 2 to {x.shape[-1]}, the series' length")
    pieces = x.double().unfold(-1, segment, segment - segment // 2)
    window = torch.hann_window(segment, dtype=torch.float64, device=x.device)
    return _density(pieces, window).mean(dim=-2)


def _density(x: Float[Tensor, "*b t"], window: Float[Tensor, " t"]) -> Float[Tensor, "*b f"]:
    centred = x - x.mean(dim=-1, keepdim=True)
    power: Tensor = torch.fft.rfft(centred * window).abs().square() / window.square().sum()
    steps = x.shape[-1]
    power[..., 1 : (steps + 1) // 2] *= 2
    return power
