"""Statistic and p-value of every test against statsmodels, on awkward inputs too.

The rule: where we give a number, statsmodels gives the same one to 1e-8; where statsmodels raises
or gives no finite number, we give NaN with a reason. Two exceptions are checked, not assumed:

- we also give NaN where the regression's scaled condition number is beyond 1e6, or a channel is
  constant: what statsmodels returns there is rounding;
- statsmodels' Johansen inverts moment matrices, which squares the condition number. Where it fails
  or differs, arithmetic with 60 digits decides, and it must side with us.
"""

import warnings

import mpmath
import numpy as np
import pytest
import torch
from statsmodels.tools.sm_exceptions import InfeasibleTestError, MissingDataError
from statsmodels.tsa.stattools import adfuller, coint, grangercausalitytests
from statsmodels.tsa.stattools import kpss as kpss_of_one
from statsmodels.tsa.vector_ar.vecm import coint_johansen

from gan_lab.metrics.temporal.adf import adf, adf_by_aic
from gan_lab.metrics.temporal.engle_granger import engle_granger
from gan_lab.metrics.temporal.granger import granger_pairs
from gan_lab.metrics.temporal.johansen import johansen
from gan_lab.metrics.temporal.kpss import kpss
from gan_lab.metrics.temporal.reason import Reason
from gan_lab.metrics.temporal.trend import Trend

STEPS, TOLERANCE, ILL = 80, 1e-8, 1e6
NAMES = {Trend.NONE: "n", Trend.CONSTANT: "c", Trend.LINEAR: "ct"}


def walk(rng):
    return rng.normal(size=STEPS).cumsum()


def autoregression(rng):
    x, phi = rng.normal(size=STEPS), rng.uniform(-0.9, 0.9)
    for t in range(1, STEPS):
        x[t] += phi * x[t - 1]
    return x


def small(rng):
    """A relative size from 1e-5 to 0.1."""
    return 10 ** rng.uniform(-5, -1)


def scaled(rng):
    return 10 ** rng.uniform(-2, 3) * walk(rng) + rng.normal()


def independent(rng):
    return walk(rng), walk(rng)


def stationary(rng):
    return autoregression(rng), autoregression(rng)


def mixed(rng):
    return scaled(rng), autoregression(rng)


def cointegrated(rng):
    common = walk(rng)
    return common + autoregression(rng), 2 * common + autoregression(rng)


def near_duplicate(rng):
    common = walk(rng)
    return common, common + small(rng) * walk(rng)


def near_constant(rng):
    return 1 + small(rng) * walk(rng), walk(rng)


def duplicate(rng):
    common = walk(rng)
    return common, common.copy()


def multiple(rng):
    common = walk(rng)
    return common, 3 * common + 1


def constant(rng):
    return np.full(STEPS, rng.normal()), walk(rng)


def zero(rng):
    return walk(rng), np.zeros(STEPS)


def line(rng):
    return rng.normal() + rng.normal() * np.arange(STEPS), walk(rng)


def sine(rng):
    return np.sin(rng.uniform(0.1, 1) * np.arange(STEPS)), walk(rng)


def hole(rng):
    x = walk(rng)
    x[rng.integers(STEPS)] = rng.choice([np.nan, np.inf])
    return x, walk(rng)


KINDS = (independent, stationary, mixed, cointegrated, near_duplicate, near_constant, duplicate,
         multiple, constant, zero, line, sine, hole, independent, cointegrated,
         near_duplicate)  # fmt: skip


def inputs(n):
    rng = np.random.default_rng(11)
    return [np.stack(KINDS[i % len(KINDS)](rng)) for i in range(n)]


FAILURES = (
    ValueError, OverflowError, np.linalg.LinAlgError, InfeasibleTestError, MissingDataError,
)  # fmt: skip
COUNTS = [pytest.param(100, id="100"), pytest.param(1000, id="1000", marks=pytest.mark.slow)]


def quietly(function, *arguments, **options):
    """The result as an array, or None where it raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return np.asarray(function(*arguments, **options), dtype=float)
        except FAILURES:
            return None


def condition(design):
    """Condition number of the columns scaled to length 1; infinite for a zero column."""
    if not np.isfinite(design).all():
        return np.inf
    length = np.linalg.norm(design, axis=0)
    return np.linalg.cond(design / length) if (length > 0).all() else np.inf


def past(x, lags):
    """Lags 1 to `lags` as columns."""
    return [x[lags - k : len(x) - k] for k in range(1, lags + 1)]


def deterministic(steps, trend):
    return [np.ones(steps), np.arange(1.0, steps + 1)][: int(trend)]


def dickey_fuller_design(x, lags, trend):
    change = np.diff(x)
    level = x[lags:-1]
    return np.stack(
        [*deterministic(len(level), trend), level, *past(change, lags), change[lags:]], axis=1
    )


def verify(ours, reason, theirs, design, *, flat):
    """The rule above, for one test; returns whether a number was compared."""
    if theirs is None or not np.isfinite(theirs).all():
        assert reason != Reason.OK
    if reason != Reason.OK:
        assert np.isnan(ours).all()
        assert theirs is None or not np.isfinite(theirs).all() or flat or condition(design) > ILL
        return False
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE)
    return True


def is_flat(*series):
    return any(np.ptp(s) == 0 for s in series)


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("trend", Trend)
def test_adf_with_fixed_lags(n, trend):
    series = np.concatenate(inputs(n))
    test = adf(torch.from_numpy(series), 2, trend=trend)
    compared = 0
    for k, x in enumerate(series):
        theirs = quietly(
            lambda x=x: adfuller(x, 2, NAMES[trend], autolag=None, result_object=False)[:2]
        )
        ours = np.array([test.statistic[k], test.p_value[k]])
        design = dickey_fuller_design(x, 2, trend)
        compared += verify(ours, test.reason[k], theirs, design, flat=is_flat(x))
    assert compared > 1.4 * n


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("trend", Trend)
def test_adf_with_lags_by_aic(n, trend):
    series = np.concatenate(inputs(n))[::2] if n > 100 else np.concatenate(inputs(n))[::6]
    test = adf_by_aic(torch.from_numpy(series), trend=trend)
    compared = 0
    for k, x in enumerate(series):
        theirs = quietly(
            lambda x=x: adfuller(x, None, NAMES[trend], autolag="AIC", result_object=False)[:3]
        )
        ours = np.array([test.statistic[k], test.p_value[k], test.lags[k]])
        if test.reason[k] != Reason.OK:
            ours[2] = np.nan
        design = dickey_fuller_design(x, int(test.lags[k]), trend)
        compared += verify(ours, test.reason[k], theirs, design, flat=is_flat(x))
    assert compared > 0.7 * len(series)


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("trend", "lags"), [
    (Trend.CONSTANT, None), (Trend.LINEAR, None), (Trend.CONSTANT, 4), (Trend.LINEAR, 12),
])  # fmt: skip
def test_kpss(n, trend, lags):
    series = np.concatenate(inputs(n))
    test = kpss(torch.from_numpy(series), lags, trend=trend)
    compared = 0
    nlags = "auto" if lags is None else lags
    for k, x in enumerate(series):
        theirs = quietly(lambda x=x: kpss_of_one(x, NAMES[trend], nlags, result_object=False)[:3])
        ours = np.array([test.statistic[k], test.p_value[k], test.lags[k]])
        if test.reason[k] != Reason.OK:
            ours[2] = np.nan
        design = np.stack([*deterministic(STEPS, trend), x], axis=1)
        compared += verify(ours, test.reason[k], theirs, design, flat=is_flat(x))
    assert compared > 1.5 * n


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("lag", [1, 3])
def test_granger(n, lag):
    windows = np.stack(inputs(n))
    test = granger_pairs(torch.from_numpy(windows), lag)
    compared = 0
    for k, pair in enumerate(windows):
        effect, cause = pair
        theirs = quietly(
            lambda pair=pair: grangercausalitytests(pair.T, [lag])[lag][0]["ssr_ftest"][:2]
        )
        ours = np.array([test.f[k, 1, 0], test.p_value[k, 1, 0]])
        design = np.stack(
            [np.ones(STEPS - lag), *past(effect, lag), *past(cause, lag), effect[lag:]], axis=1
        )
        compared += verify(ours, test.reason[k, 1, 0], theirs, design, flat=is_flat(effect, cause))
    assert compared > 0.5 * n


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("trend", Trend)
def test_engle_granger(n, trend):
    windows = np.stack(inputs(n))
    test = engle_granger(torch.from_numpy(windows), 1, trend=trend)
    compared = 0
    for k, (y, x) in enumerate(windows):
        theirs = quietly(
            lambda x=x, y=y: coint(y, x, NAMES[trend], maxlag=1, autolag=None)[:2]
        )  # fmt: skip
        ours = np.array([test.statistic[k, 0, 1], test.p_value[k, 0, 1]])
        design = np.stack([*deterministic(STEPS, trend), x, y], axis=1)
        compared += verify(ours, test.reason[k, 0, 1], theirs, design, flat=is_flat(x, y))
    assert compared > 0.4 * n


def exact_johansen(pair, lags):
    """Eigenvalues for two channels and a constant, with 60 digits."""
    with mpmath.workdps(60):
        x = mpmath.matrix(pair.T.tolist())
        x = centred(x)
        change = x[1:, :] - x[: x.rows - 1, :]
        rows = change.rows - lags
        columns = [change[lags - k : lags - k + rows, :] for k in range(1, lags + 1)]
        level, now = centred(x[1 : 1 + rows, :]), centred(change[lags:, :])
        if columns:
            z = mpmath.matrix(rows, 2 * lags)
            for k, block in enumerate(columns):
                z[:, 2 * k], z[:, 2 * k + 1] = block[:, 0], block[:, 1]
            z = centred(z)
            inverse = mpmath.inverse(z.T * z)
            level, now = (v - z * (inverse * (z.T * v)) for v in (level, now))
        cross = level.T * now
        product = (
            mpmath.inverse(level.T * level) * cross * mpmath.inverse(now.T * now) * cross.T
        )  # fmt: skip
        half = (product[0, 0] + product[1, 1]) / 2
        root = mpmath.sqrt(half**2 - mpmath.det(product))
        largest = [-rows * mpmath.log(1 - half - sign * root) for sign in (1, -1)]
        return np.array([float(sum(largest)), float(largest[1]), *map(float, largest)])


def centred(x):
    means = [mpmath.fsum(x[:, j]) / x.rows for j in range(x.cols)]
    return mpmath.matrix([[x[i, j] - means[j] for j in range(x.cols)] for i in range(x.rows)])


def statsmodels_johansen(window, trend):
    result = coint_johansen(window.T, int(trend) - 1, 1)
    return np.concatenate([result.lr1, result.lr2])


@pytest.mark.parametrize("n", COUNTS)
def test_johansen_with_a_constant(n):
    windows = np.stack(inputs(n))
    test = johansen(torch.from_numpy(windows), 1)
    ours = torch.cat([test.trace, test.largest], dim=1).numpy()
    compared = 0
    for k, pair in enumerate(windows):
        theirs = quietly(statsmodels_johansen, pair, Trend.CONSTANT)
        if test.reason[k] != Reason.OK:
            assert np.isnan(ours[k]).all()
            level, change = pair[:, 1:-1], np.diff(pair)
            design = np.concatenate([np.ones((1, STEPS - 2)), change[:, :-1], level, change[:, 1:]])
            failed = theirs is None or not np.isfinite(theirs).all()
            assert failed or is_flat(*pair) or condition(design.T) > ILL
            continue
        close = theirs is not None and np.allclose(ours[k], theirs, rtol=TOLERANCE, atol=TOLERANCE)
        if not close:
            exact = exact_johansen(pair, 1)
            np.testing.assert_allclose(ours[k], exact, rtol=TOLERANCE, atol=TOLERANCE)
            assert KINDS[k % len(KINDS)] in (near_duplicate, near_constant, sine)
        compared += close
    assert compared > 0.35 * n


@pytest.mark.parametrize("trend", Trend)
@pytest.mark.parametrize("channels", [3, 5])
def test_johansen_of_larger_systems(channels, trend):
    rng = np.random.default_rng(5)
    windows = rng.normal(size=(50, channels, 120)).cumsum(axis=2)
    windows[::2, 1] = windows[::2, 0] + rng.normal(size=(25, 120))
    test = johansen(torch.from_numpy(windows), 1, trend=trend)
    for k, window in enumerate(windows):
        ours = np.concatenate([test.trace[k], test.largest[k]])
        theirs = statsmodels_johansen(window, trend)
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE)


def test_exact_arithmetic_agrees_with_both_on_a_tame_pair():
    pair = np.random.default_rng(0).normal(size=(2, STEPS)).cumsum(axis=1)
    exact = exact_johansen(pair, 1)
    np.testing.assert_allclose(statsmodels_johansen(pair, Trend.CONSTANT), exact, rtol=1e-9)
