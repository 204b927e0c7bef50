import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import MinMax, Robust, Standard

X = torch.randn(1001, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
X = X * torch.tensor([1.0, 1e-4, 1e5]) + torch.tensor([0.0, 7.0, -3.0])


def test_standard_has_mean_zero_and_deviation_one():
    y = Standard().fit(X).forward(X)
    assert y.mean(dim=0).abs().max() < 1e-9
    torch.testing.assert_close(y.std(dim=0, unbiased=False), torch.ones(3, dtype=torch.float64))


def test_robust_has_median_zero_and_a_normal_quartile_range():
    y = Robust().fit(X).forward(X)
    assert y.median(dim=0).values.abs().max() < 1e-9
    quartiles = y.quantile(torch.tensor([0.25, 0.75], dtype=torch.float64), dim=0)
    normal = torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor(0.75)).double()
    torch.testing.assert_close(quartiles.diff(dim=0)[0], 2 * normal.expand(3), rtol=1e-6, atol=0)


def test_robust_does_not_see_an_outlier():
    spoiled = X.clone()
    spoiled[0] = 1e12
    plain, robust = Robust().fit(X), Robust().fit(spoiled)
    torch.testing.assert_close(robust.forward(X[1:]), plain.forward(X[1:]), rtol=0.02, atol=0.02)


def test_robust_falls_back_where_most_values_are_one():
    x = torch.zeros(100, 1)
    x[:20, 0] = 5.0
    assert Robust().fit(x).scale == pytest.approx((2.0,))


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1.0), (3.0, 5.0)])
def test_min_max_touches_both_ends(low, high):
    y = MinMax(low, high).fit(X).forward(X)
    ends = torch.stack([y.amin(dim=0), y.amax(dim=0)])
    expected = torch.tensor([[low], [high]], dtype=torch.float64).expand(2, 3)
    torch.testing.assert_close(ends, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("transform", "middle"), [(Standard(), 0), (Robust(), 0), (MinMax(0.0, 1.0), 0.5)]
)
@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_a_constant_channel_is_no_noise(transform, middle, value):
    x = torch.full((1000, 1), value, dtype=torch.float64)
    fitted = transform.fit(x)
    y = fitted.forward(x)
    assert y.sub(middle).abs().max() < 1e-6
    torch.testing.assert_close(fitted.inverse(y), x, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, float("nan"))])
def test_an_empty_range_is_refused(low, high):
    with pytest.raises(UserError, match="low below high"):
        MinMax(low, high)
