import pytest
import torch
from torch.special import ndtri

from gan_lab.errors import UserError
from gan_lab.transforms import FittedRankGaussian, RankGaussian


def heavy(n, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, dtype=torch.float64, generator=generator) ** 5


def test_scores_are_those_of_the_ranks():
    x = torch.tensor([[3.0], [-1.0], [8.0], [100.0], [4.0]])
    y = RankGaussian().fit(x).forward(x)
    expected = ndtri((torch.tensor([2.0, 1.0, 4.0, 5.0, 3.0], dtype=torch.float64) - 0.5) / 5)
    torch.testing.assert_close(y[:, 0], expected)


def test_equal_values_share_their_mean_rank():
    x = torch.tensor([[1.0], [2.0], [2.0], [2.0], [9.0], [10.0]])
    y = RankGaussian().fit(x).forward(x)[:, 0]
    # Ranks 2, 3, 4 are 3 on average.
    assert y[1] == y[2] == y[3] == pytest.approx(ndtri(torch.tensor(2.5 / 6)).item(), abs=1e-6)


@pytest.mark.parametrize("knots", [64, 256, 10_000])
def test_heavy_tails_become_normal(knots):
    x = heavy(4000)
    y = RankGaussian(knots=knots).fit(x).forward(x)
    assert ((y - y.mean(dim=0)) ** 4).mean() / y.var() ** 2 == pytest.approx(3, abs=0.1)
    # Straight lines between few knots are the only error: compare with the exact scores.
    exact = ndtri((x.argsort(dim=0).argsort(dim=0).double() + 0.5) / 4000)
    assert (y - exact).abs().max() < (1e-9 if knots > 4000 else 0.25)


def test_curves_rise_everywhere_and_come_back():
    fitted = RankGaussian(knots=20).fit(heavy(500))
    x = torch.linspace(-1e4, 1e4, 4001, dtype=torch.float64)[:, None].expand(-1, 2)
    y = fitted.forward(x)
    assert (y.diff(dim=0) > 0).all()
    torch.testing.assert_close(fitted.inverse(y), x, rtol=1e-11, atol=1e-8)


def test_tails_go_on_by_the_deviation():
    x = heavy(500)
    fitted = RankGaussian().fit(x)
    top, std = x.max(dim=0).values, x.std(dim=0, unbiased=False)
    last = fitted.forward(top[None])[0]
    torch.testing.assert_close(fitted.forward((top + 3 * std)[None])[0], last + 3)
    torch.testing.assert_close(fitted.inverse((last + 0.5)[None])[0], top + 0.5 * std)


def test_a_constant_channel_is_shifted():
    x = torch.full((10, 1), 7.0)
    fitted = RankGaussian().fit(x)
    assert fitted.forward(x).abs().max() == 0
    assert fitted.inverse(torch.tensor([[0.0], [2.0]]))[:, 0].tolist() == [7, 9]


def test_few_knots_keep_the_ends():
    x = heavy(3000)
    fitted = RankGaussian(knots=16).fit(x)
    for knots, column in zip(fitted.values, x.T, strict=True):
        assert len(knots) <= 16
        assert (knots[0], knots[-1]) == (column.min(), column.max())


@pytest.mark.parametrize(
    ("values", "scores", "slope", "message"),
    [
        (((0.0, 0.0),), ((0.0, 1.0),), (1.0,), "must rise"),
        (((0.0, 1.0),), ((0.0,),), (1.0,), "as many values as scores"),
        (((0.0,),), ((0.0,),), (0.0,), "positive slope"),
        (((),), ((),), (1.0,), "as many values"),
    ],
)
def test_damaged_curves_are_refused(values, scores, slope, message):
    with pytest.raises(UserError, match=message):
        FittedRankGaussian(values, scores, slope)


def test_knots_are_checked():
    with pytest.raises(UserError, match="1 knots"):
        RankGaussian(knots=1)
