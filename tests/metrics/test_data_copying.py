import math

import torch

from gan_lab.metrics.data_copying import data_copying


def draw(n, rng, gap=20.0):
    """Two far clusters of equal weight."""
    x = torch.randn(n, 4, generator=rng)
    x[:, 0] += gap * torch.randint(2, (n,), generator=rng)
    return x


def test_fresh_samples_are_about_standard_normal():
    """The weighted mean of k independent z has a deviation of at most 1."""
    rng = torch.Generator().manual_seed(0)
    values = [
        data_copying(
            train=draw(300, rng), held_out=draw(200, rng), fake=draw(200, rng), rng=rng
        ).statistic
        for _ in range(30)
    ]
    assert max(abs(value) for value in values) < 3.5
    assert abs(sum(values) / 30) < 0.6


def test_copies_are_far_below_and_noise_is_far_above():
    rng = torch.Generator().manual_seed(0)
    train, held_out = draw(300, rng), draw(200, rng)
    copies = train[:200] + 0.01 * torch.randn(200, 4, generator=rng)
    far = draw(200, rng) + 3 * torch.randn(200, 4, generator=rng)
    assert data_copying(train=train, held_out=held_out, fake=copies, rng=rng).statistic < -8
    assert data_copying(train=train, held_out=held_out, fake=far, rng=rng).statistic > 5


def test_cells_see_copying_that_a_global_test_averages_away():
    """Copies in one cluster, too much noise in the other."""
    rng = torch.Generator().manual_seed(0)
    train, held_out = draw(600, rng), draw(400, rng)
    left = train[train[:, 0] < 10][:200]
    right = held_out[held_out[:, 0] > 10] + 2 * torch.randn(1, 4, generator=rng)
    fake = torch.cat([left, right])
    whole = data_copying(train=train, held_out=held_out, fake=fake, cells=1, rng=rng)
    parts = data_copying(train=train, held_out=held_out, fake=left, cells=2, rng=rng)
    assert parts.cells == 1
    assert parts.statistic < whole.statistic - 5


def test_too_few_rows_per_cell_give_no_statistic():
    x = torch.randn(30, 2)
    result = data_copying(train=x, held_out=x[:5], fake=x[:5], cells=2)
    assert result.cells == 0
    assert math.isnan(result.statistic)
