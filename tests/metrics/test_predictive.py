import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.predictive import predictive_score


def followers(n, seed):
    """Two channels: the last repeats the first one step later."""
    rng = torch.Generator().manual_seed(seed)
    coin = torch.randint(2, (n, 13), generator=rng).float()
    return torch.stack([coin[:, 1:], coin[:, :-1]], dim=1)


def test_learns_the_relation_that_generated_windows_have():
    real, fake = followers(400, 0), followers(400, 1)
    quick = {"runs": 2, "iterations": 120, "learning_rate": 0.05}
    assert predictive_score(real, fake, **quick).mean < 0.1
    fake[:, 1] = 1 - fake[:, 1]
    assert predictive_score(real, fake, **quick).mean > 0.9


def test_error_of_an_untrained_forecaster_is_that_of_its_formula():
    x = followers(5, 0)
    score = predictive_score(0.5 * torch.ones_like(x), x, runs=3, iterations=0)
    assert score.mean == pytest.approx(sum(score.scores) / 3)
    assert all(0 < s < 0.5 for s in score.scores)


def test_runs_are_seeded_one_by_one():
    x = followers(40, 0)
    many = predictive_score(x, x, runs=2, iterations=5, seed=3)
    assert many == predictive_score(x, x, runs=2, iterations=5, seed=3)
    alone = predictive_score(x, x, runs=1, iterations=5, seed=4)
    assert alone.scores[0] == pytest.approx(many.scores[1])
    assert math.isnan(alone.std)


def test_needs_two_channels():
    with pytest.raises(UserError, match="needs 2 channels and 2 steps or more"):
        predictive_score(torch.zeros(9, 1, 5), torch.zeros(9, 1, 5))
