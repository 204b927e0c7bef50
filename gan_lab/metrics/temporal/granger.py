"""Granger causality: does the past of one channel help to predict another?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from scipy.special import fdtrc
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.lagged import lagged
from gan_lab.metrics.temporal.reason import Reason, finite, masked, series_reason
from gan_lab.metrics.temporal.trend import Trend, deterministic, detrend
from gan_lab.metrics.temporal.triangular import (
    cholesky_factor,
    collinear,
    householder_factor,
    regression_reason,
    triangular_factor,
)


@dataclass(frozen=True)
class Granger:
    r"""One test per ordered pair: entry `[..., i, j]` asks whether channel i drives channel j.

    Attributes:
        f: F statistic, `(*b, c, c)`; NaN on the diagonal.
        p_value: Its p-value, `(*b, c, c)`.
        strength: $\ln(\mathrm{RSS}_{without} / \mathrm{RSS}_{with})$, at least 0, `(*b, c, c)`.
        reason: Why they are NaN, `(*b, c, c)`: `Reason` codes; OK on the diagonal.
        lag: Number of past steps of each channel.
        freedom: Residual degrees of freedom.
    """

    f: Float[Tensor, "*b c c"]
    p_value: Float[Tensor, "*b c c"]
    strength: Float[Tensor, "*b c c"]
    reason: Int[Tensor, "*b c c"]
    lag: int
    freedom: int


def granger_pairs(x: Float[Tensor, "b c t"], lag: int) -> Granger:
    r"""Every ordered pair in every window, the two channels alone.

    $F = \frac{(\mathrm{RSS}_0 - \mathrm{RSS}_1) / p}{\mathrm{RSS}_1 / (T - 3p - 1)}$ with
    $\mathrm{RSS}_0$ of channel j on a constant and its own p lags, $\mathrm{RSS}_1$ with the p lags
    of i too. A third channel that drives both makes an edge here: see `granger_conditional`.

    Args:
        x: Windows, `(b, c, t)`; computed in float64.
        lag: Number p of past steps.

    Raises:
        UserError: If `lag` is below 1.

    Source: Granger, Econometrica 37, 1969; Geweke, JASA 77, 1982, eq. 2.9 for the strength.
    """
    _require_lag(lag)
    freedom = x.shape[2] - 3 * lag - 1
    reason = _pair_reason(series_reason(x.double(), enough=freedom > 0))
    if freedom <= 0:
        return _granger(_nothing(reason), reason, lag, freedom)
    values = detrend(finite(x.double()), Trend.CONSTANT)
    past, now = lagged(values, lag).flatten(1, 2), values[:, :, lag:]
    rows = torch.cat([deterministic(now, Trend.CONSTANT), past, now], dim=1)
    cause, effect, chosen = _pair_columns(x.shape[1], lag, device=x.device)
    r = _pair_factor(rows, chosen)
    explained = r[:, lag + 1 : -1, -1].square().sum(dim=1)
    ratio, found = _nothing(reason), torch.zeros_like(reason)
    ratio[:, cause, effect] = (explained / r[:, -1, -1].square()).reshape(len(x), -1)
    found[:, cause, effect] = regression_reason(r).reshape(len(x), -1)
    return _granger(ratio, torch.maximum(reason, found), lag, freedom)


def granger_conditional(x: Float[Tensor, "b c t"], lag: int) -> Granger:
    r"""Every ordered pair given all the other channels, over all windows with one intercept.

    Both regressions hold the p lags of every other channel; windows are stacked, as independent
    pieces of one process. An intercept per window would bias short windows (Nickell) and lose the
    graph. A channel whose past is a combination of those before it, such as a duplicate, is left
    out of every regression: its row and column are NaN.

    Args:
        x: Windows that do not overlap, `(b, c, t)`; computed in float64.
        lag: Number p of past steps.

    Returns:
        Matrices `(c, c)`.

    Raises:
        UserError: If `lag` is below 1.

    Source: Geweke, JASA 79, 1984, sec. 3; Nickell, Econometrica 49, 1981, for the bias.
    """
    _require_lag(lag)
    steps, channels = x.shape[2] - lag, x.shape[1]
    joined = x.double().transpose(0, 1).flatten(1)
    own = series_reason(joined, enough=steps > 0)
    freedom = len(x) * max(steps, 0) - channels * lag - 1
    if freedom <= 0:
        own = series_reason(joined, enough=False)
        return _granger(_nothing(_pair_reason(own)), _pair_reason(own), lag, freedom)
    r = _stacked_factor(x, lag)
    lags = torch.arange(channels * lag, device=x.device).reshape(channels, lag)
    own = torch.maximum(own, _redundant(r, lags, own))
    keep = (own == Reason.OK).nonzero().flatten()
    freedom = len(x) * steps - len(keep) * lag - 1
    reason = _pair_reason(own)
    ratio = _nothing(reason)
    if len(keep) > 1:
        reason[keep[:, None], keep], ratio[keep[:, None], keep] = _conditional(
            r, lags[keep], channels * lag + keep
        )
    return _granger(ratio, reason, lag, freedom)


def _conditional(
    r: Float[Tensor, "m k"], lags: Int[Tensor, "c p"], now: Int[Tensor, " c"]
) -> tuple[Int[Tensor, "c c"], Float[Tensor, "c c"]]:
    """Reasons, and what each cause explains in units of the residual; r holds all columns."""
    last, first = lags.numel(), lags.numel() - lags.shape[1]
    order = torch.stack(
        [
            torch.cat([lags[:i].flatten(), lags[i + 1 :].flatten(), lags[i], now])
            for i in range(len(lags))
        ]
    )
    by_cause = triangular_factor(r[:, order].transpose(0, 1))
    explained = by_cause[:, first:last, last:].square().sum(dim=1)
    residual = by_cause[:, last:, last:].square().sum(dim=1)
    perfect = residual < torch.finfo(residual.dtype).eps
    reason = torch.where(perfect, int(Reason.PERFECT_FIT), int(Reason.OK))
    return reason.fill_diagonal_(Reason.OK), (explained / residual).fill_diagonal_(float("nan"))


def _redundant(
    r: Float[Tensor, "m k"], lags: Int[Tensor, "c p"], own: Int[Tensor, " c"]
) -> Int[Tensor, " c"]:
    """COLLINEAR for each usable channel whose lags depend on those of the channels before it."""
    reason = torch.zeros_like(own)
    kept: list[int] = []
    for channel in (own == Reason.OK).nonzero().flatten().tolist():
        columns = lags[[*kept, channel]].flatten()
        if collinear(triangular_factor(r[None, :, columns]), len(columns)).item():
            reason[channel] = Reason.COLLINEAR
        else:
            kept.append(channel)
    return reason


def _stacked_factor(x: Float[Tensor, "b c t"], lag: int) -> Float[Tensor, "m k"]:
    """Triangular factor of all lags, then all channels, over the windows end to end."""
    x = finite(x.double())
    columns = torch.cat([lagged(x, lag).flatten(1, 2), x[:, :, lag:]], dim=1)
    stacked = columns.transpose(0, 1).flatten(1)
    return triangular_factor(detrend(stacked, Trend.CONSTANT).T[None])[0]


def _pair_factor(
    rows: Float[Tensor, "b m n"], chosen: Int[Tensor, "q k"]
) -> Float[Tensor, "p k k"]:
    """Factors of all pairs of all windows; they share the products of their columns."""
    gram = rows @ rows.mT
    r, safe = cholesky_factor(gram[:, chosen[:, :, None], chosen[:, None, :]])
    window, pair = (~safe).nonzero(as_tuple=True)
    r[window, pair] = householder_factor(rows[window[:, None], chosen[pair]].mT)
    return r.flatten(0, 1)


def _pair_columns(
    channels: int, lag: int, *, device: torch.device
) -> tuple[Int[Tensor, " q"], Int[Tensor, " q"], Int[Tensor, "q k"]]:
    """Cause, effect, and their columns: 1, lags of the effect, of the cause, the effect now."""
    cause, effect = (~torch.eye(channels, dtype=torch.bool, device=device)).nonzero(as_tuple=True)
    steps = torch.arange(lag, device=device)
    first, own, other = effect[:, None] * 0, effect[:, None] * lag, cause[:, None] * lag
    now = channels * lag + effect[:, None]
    chosen = torch.cat([first, 1 + own + steps, 1 + other + steps, 1 + now], dim=1)
    return cause, effect, chosen


def _pair_reason(own: Int[Tensor, "*b c"]) -> Int[Tensor, "*b c c"]:
    reason = torch.maximum(own[..., :, None], own[..., None, :])
    reason.diagonal(dim1=-2, dim2=-1).fill_(Reason.OK)
    return reason


def _nothing(like: Int[Tensor, "*b"]) -> Float[Tensor, "*b"]:
    return torch.full(like.shape, float("nan"), dtype=torch.float64, device=like.device)


def _granger(
    ratio: Float[Tensor, "*b c c"], reason: Int[Tensor, "*b c c"], lag: int, freedom: int
) -> Granger:
    ratio = masked(ratio, reason)
    f = ratio * (max(freedom, 0) / lag)
    p = torch.from_numpy(fdtrc(lag, max(freedom, 1), f.cpu().numpy())).to(f.device)
    return Granger(f, p, ratio.log1p(), reason, lag, freedom)


def _require_lag(lag: int) -> None:
    if lag < 1:
        raise UserError(f"Granger: lag = {lag}; give the number of past steps, 1 or more")
