import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.discriminative import discriminative_score


def waves(n, seed):
    rng = torch.Generator().manual_seed(seed)
    frequency, phase = 0.1 * torch.rand(2, n, 4, 1, generator=rng)
    return (torch.sin(frequency * torch.arange(24) + phase) + 1) / 2


def test_two_halves_of_one_population_cannot_be_told_apart():
    x = waves(4000, 0)
    score = discriminative_score(x[::2], x[1::2], runs=3, iterations=60, learning_rate=0.01)
    # Each accuracy is a share of 800 test windows: a standard error of .018 for a blind judge.
    assert score.mean < 0.05
    assert all(abs(a - 0.5) < 0.07 for a in score.accuracies)


def test_noise_is_told_from_waves():
    noise = torch.rand(1000, 4, 24, generator=torch.Generator().manual_seed(1))
    score = discriminative_score(waves(1000, 0), noise, runs=2, iterations=80, learning_rate=0.02)
    assert score.mean > 0.4


def test_score_is_the_mean_distance_from_half():
    score = discriminative_score(waves(60, 0), waves(60, 1) + 0.3, runs=3, iterations=5)
    distances = [abs(a - 0.5) for a in score.accuracies]
    assert score.scores == pytest.approx(distances)
    assert score.mean == pytest.approx(sum(distances) / 3)
    variance = sum((d - score.mean) ** 2 for d in distances) / 2
    assert score.std == pytest.approx(variance**0.5)


def test_runs_are_seeded_one_by_one():
    x, y = waves(60, 0), waves(60, 1)
    many = discriminative_score(x, y, runs=2, iterations=5, seed=3)
    assert many == discriminative_score(x, y, runs=2, iterations=5, seed=3)
    alone = discriminative_score(x, y, runs=1, iterations=5, seed=4)
    assert alone.accuracies[0] == many.accuracies[1]
    assert math.isnan(alone.std)


def test_one_channel_is_enough_and_shapes_must_agree():
    x = waves(60, 0)
    assert 0 <= discriminative_score(x[:, :1], x[:, 1:2], runs=2, iterations=2).mean <= 0.5
    with pytest.raises(UserError, match="expected one shape"):
        discriminative_score(x, x[:, :, :12])
