import math

import pytest
import torch

from gan_lab.metrics.temporal.profile import profile, suggest, suggest_together


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_channels_are_told_apart():
    e = noise(1, 4, 600)
    time = torch.arange(600, dtype=torch.float64)
    x = torch.stack(
        [
            e[:, 0],
            (0.01 * e[:, 1].cumsum(1)).exp(),
            e[:, 2].cumsum(1) - 50,
            (2 * math.pi * time / 12).sin() + 0.3 * e[:, 3],
        ],
        dim=1,
    )
    white, price, walk, wave = profile([x])
    assert (white.verdict, white.order, white.suggestion) == ("stationary", 0, "none")
    assert (price.verdict, price.order, price.suggestion) == ("unit root", 1, "log_return")
    assert (walk.order, walk.suggestion) == (1, "difference")
    assert wave.period == 12
    assert price.autocorrelation[0] > 0.95
    assert abs(price.change_autocorrelation[0]) < 0.15
    assert len(white.autocorrelation) == 10
    assert white.low == float(x[:, 0].min())


def test_series_of_different_lengths_vote():
    blocks = [noise(2, 1, 100), noise(1, 1, 300, seed=1), noise(1, 1, 200, seed=2).cumsum(2)]
    (channel,) = profile(blocks, lags=5)
    assert (channel.verdict, channel.order) == ("stationary", 0)
    assert len(channel.autocorrelation) == 5


def test_a_constant_channel_has_no_verdict():
    (channel,) = profile([torch.ones(1, 1, 50)])
    assert (channel.verdict, channel.order, channel.period) == ("undefined", -1, 0)
    assert math.isnan(channel.adf_p)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((0, 0.1, 5.0, 40.0), "log"),
        ((0, -0.1, 5.0, 40.0), "rank_gaussian"),
        ((0, -1.0, 0.0, 1.0), "none"),
        ((2, 1.0, 0.0, 0.0), "log_return"),
        ((-1, 1.0, math.nan, math.nan), "none"),
    ],
)
def test_suggestions(facts, expected):
    assert suggest(*facts) == expected


def test_one_transform_must_suit_all_channels():
    e = noise(1, 2, 400)
    walk = (0.01 * e[:, 0].cumsum(1)).exp()
    positive = profile([torch.stack([walk, e[:, 1].exp()], dim=1)])
    assert suggest_together(positive) == "log_return"
    mixed = profile([torch.stack([walk, e[:, 1]], dim=1)])
    assert suggest_together(mixed) == "difference"
    assert suggest_together(profile([e])) == "none"
