"""What holds for every transform: there and back, through JSON, and on windows."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lab.transforms import (
    OHLC,
    Composition,
    Difference,
    Fitted,
    Log,
    MinMax,
    RankGaussian,
    Robust,
    Standard,
    log_return,
)

EXACT = settings(deadline=None, max_examples=40, derandomize=True)
REAL = [Standard(), Robust(), MinMax(), MinMax(0.0, 1.0), Difference(), RankGaussian()]
REAL += [RankGaussian(knots=3), Composition((Difference(), Standard()))]
REAL += [Composition((RankGaussian(), Difference(), Difference()))]
POSITIVE = [Log(), log_return(), Composition((*log_return().stages, Robust()))]


def tables(low, high):
    """Tables of 3 to 30 rows; some values come often: channels tie, or are constant."""
    often = st.sampled_from([0.1, 0.5, 2.0])
    value = st.one_of(often, st.floats(low, high, allow_subnormal=False))
    rows = st.integers(1, 3).flatmap(
        lambda c: st.lists(st.lists(value, min_size=c, max_size=c), min_size=3, max_size=30)
    )
    return rows.map(lambda rows: torch.tensor(rows, dtype=torch.float64))


def check(transform, x, other):
    fitted = transform.fit(x)
    y = fitted.forward(x)
    assert y.shape == (len(x) - fitted.lost, x.shape[1])
    assert y.isfinite().all()
    # Float64: rounding is relative to the largest number on the way.
    size = max(float(x.abs().max()), 1.0)
    torch.testing.assert_close(fitted.inverse(y), x, rtol=1e-11, atol=1e-12 * size)
    stored = Fitted.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert stored == fitted
    assert torch.equal(stored.forward(x), y)
    # Rows that were not fitted, two windows at once.
    windows = torch.stack([other, other.flip(0)])
    start = windows[:, : fitted.lost]
    back = fitted.inverse(fitted.forward(windows), start)
    size = max(float(other.abs().max()), size)
    torch.testing.assert_close(back, windows, rtol=1e-9, atol=1e-10 * size)


@pytest.mark.parametrize("transform", REAL, ids=str)
@EXACT
@given(x=tables(-1e6, 1e6), data=st.data())
def test_real_values_return(transform, x, data):
    other = torch.randn(5, x.shape[1], dtype=torch.float64) * data.draw(st.floats(0.1, 10))
    check(transform, x, other)


@pytest.mark.parametrize("transform", POSITIVE, ids=str)
@EXACT
@given(x=tables(1e-3, 1e6))
def test_positive_values_return(transform, x):
    check(transform, x, torch.randn(5, x.shape[1], dtype=torch.float64).exp())


@EXACT
@given(
    rows=st.lists(
        st.tuples(st.floats(0.1, 1e4), *[st.floats(-0.1, 0.1)] * 3, st.floats(-5, 5)),
        min_size=1,
        max_size=20,
    )
)
def test_days_return(rows):
    close, o, h, low, volume = torch.tensor(rows, dtype=torch.float64).T
    first = close * o.exp()
    high = torch.maximum(first, close) * h.clamp_min(0).exp()
    bottom = torch.minimum(first, close) * (-low.clamp_min(0)).exp()
    x = torch.stack([first, high, bottom, close, volume], dim=1)
    check(OHLC(), x, x[:1].expand(5, -1))


@pytest.mark.parametrize("transform", REAL[:-1], ids=str)
def test_float32_tables_are_lifted(transform):
    x = torch.randn(20, 2)
    assert transform.fit(x).forward(x).dtype == torch.float64
