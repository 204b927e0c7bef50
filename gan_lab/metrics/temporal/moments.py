"""Moments of one channel and of pairs of channels across time."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Memory:
    """Autocorrelations at lags 0 to k.

    Attributes:
        value: Of x, `(*b, k)`.
        size: Of |x|, `(*b, k)`.
        square: Of x squared, `(*b, k)`.
    """

    value: Float[Tensor, "*b k"]
    size: Float[Tensor, "*b k"]
    square: Float[Tensor, "*b k"]


def memory(x: Float[Tensor, "*b t"], lags: int) -> Memory:
    """Autocorrelation of x, |x| and x squared: of returns, the last two show clustering."""
    return Memory(*(autocorrelation(v, lags) for v in (x, x.abs(), x.square())))


def autocorrelation(x: Float[Tensor, "*b t"], lags: int) -> Float[Tensor, "*b k"]:
    r"""$\hat\rho_k = \sum_t (x_t - \bar x)(x_{t+k} - \bar x) / \sum_t (x_t - \bar x)^2$.

    The sum over fewer terms is not scaled up, so the estimate is a positive semi-definite
    sequence. NaN for a constant series.

    Args:
        x: Series, `(*b, t)`; computed in float64.
        lags: Largest lag, below t.

    Returns:
        Lags 0 to `lags`, `(*b, lags + 1)`, within [-1, 1].

    Source: Box and Jenkins, "Time series analysis", eq. 2.1.13.

    >>> autocorrelation(torch.tensor([1.0, -1.0, 1.0, -1.0]), 1).tolist()
    [1.0, -0.75]
    """
    unit = _unit(x)
    steps = x.shape[-1]
    return torch.stack(
        [(unit[..., : steps - k] * unit[..., k:]).sum(dim=-1) for k in range(lags + 1)], dim=-1
    )


def cross_correlation(x: Float[Tensor, "*b c t"], lags: int) -> Float[Tensor, "*b c c k"]:
    r"""$\hat\rho_{ij}(k) = \mathrm{corr}(x_{i,t}, x_{j,t+k})$ for k from -lags to lags.

    A peak at a positive lag: channel i leads j. Reversing time maps k to -k, so lag 0 alone is
    blind to direction. Estimated as `autocorrelation`; NaN for a constant channel.

    Args:
        x: Series, `(*b, c, t)`; computed in float64.
        lags: Largest lag, below t.

    Returns:
        `(*b, c, c, 2 * lags + 1)`.
    """
    unit, steps = _unit(x), x.shape[-1]
    ahead = [unit[..., : steps - k] @ unit[..., k:].mT for k in range(lags + 1)]
    behind = [ahead[k].mT for k in range(lags, 0, -1)]
    return torch.stack(behind + ahead, dim=-1)


def leverage(x: Float[Tensor, "*b t"], lags: int) -> Float[Tensor, "*b k"]:
    r"""$\mathrm{corr}(r_t, r_{t+k}^2)$ for k from 0 to lags: negative where losses bring risk.

    Estimated as `cross_correlation` of $r$ and $r^2$.

    Args:
        x: Returns, `(*b, t)`; computed in float64.
        lags: Largest lag, below t.

    Source: Bouchaud, Matacz and Potters, "Leverage effect in financial markets", PRL 87, 2001.
    """
    pair = torch.stack([x, x.square()], dim=-2)
    return cross_correlation(pair, lags)[..., 0, 1, lags:]


def skewness(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b"]:
    r"""$m_3 / m_2^{3/2}$ with central moments $m_k$; NaN for a constant series.

    >>> skewness(torch.tensor([1.0, 2.0, 3.0])).item()
    0.0
    """
    centred = _centred(x)
    return centred.pow(3).mean(dim=-1) / centred.square().mean(dim=-1).pow(1.5)


def excess_kurtosis(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b"]:
    r"""$m_4 / m_2^2 - 3$: 0 for a normal, positive for heavy tails; NaN for a constant series.

    >>> excess_kurtosis(torch.tensor([-1.0, 1.0])).item()
    -2.0
    """
    centred = _centred(x)
    return centred.pow(4).mean(dim=-1) / centred.square().mean(dim=-1).square() - 3


def _centred(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b t"]:
    x = x.double()
    constant = x.amax(dim=-1, keepdim=True) == x.amin(dim=-1, keepdim=True)
    return (x - x.mean(dim=-1, keepdim=True)).masked_fill(constant, float("nan"))


def _unit(x: Float[Tensor, "*b t"]) -> Float[Tensor, "*b t"]:
    centred = _centred(x)
    unit: Tensor = centred / centred.norm(dim=-1, keepdim=True)
    return unit
