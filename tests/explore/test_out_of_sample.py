import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.out_of_sample import jitter_scale, out_of_sample, reduced
from gan_lab.metrics.neighbours import nearest


def normal(n, seed, d=2):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def beyond(fake, train=None, held_out=None, **options):
    train = normal(400, 0) if train is None else train
    held_out = normal(300, 1) if held_out is None else held_out
    return out_of_sample(train=train, held_out=held_out, fake=fake, **options)


def test_a_perfect_generator_reaches_what_fresh_rows_reach():
    found = beyond(normal(2000, 2))
    low, _, high = found.confirmed_null
    assert low <= found.confirmed <= high
    assert found.share == pytest.approx(found.share_fresh, abs=0.1)


def test_copies_of_training_rows_reach_nothing():
    train = normal(400, 0)
    found = beyond(train.repeat(3, 1), train)
    assert (found.reached, found.share, int(found.samples.sum())) == (0, 0.0, 0)
    assert found.p == 1.0


def test_a_region_without_training_rows_is_found_and_reaching_it_is_seen():
    train, held_out = normal(400, 0), normal(300, 1)
    held_out[:100] += 30.0
    away = beyond(normal(600, 2), train, held_out)
    _, _, high = away.confirmed_null
    assert away.confirmed > high
    assert away.rows[:100].all()
    assert not away.rows_reached[:100].any()
    there = normal(600, 2)
    there[:200] += 30.0
    found = beyond(there, train, held_out)
    assert found.rows_reached[:100].float().mean() > 0.8
    assert found.samples[:200].all()
    assert found.share > found.share_jitter
    assert found.p < 0.05


def test_jitter_is_as_far_from_training_rows_as_held_out_rows_are():
    train, held_out = (x.double() for x in (normal(500, 0), normal(500, 1)))
    rng = torch.Generator().manual_seed(3)
    scale = jitter_scale(train, held_out, rng)
    noise = torch.randn(train.shape, generator=rng, dtype=torch.float64)
    moved = nearest(train + scale * noise, train).distance.median()
    assert float(moved) == pytest.approx(float(nearest(held_out, train).distance.median()), rel=0.2)


def test_many_columns_become_eight_main_components():
    a, b = reduced(normal(50, 0, 20), normal(30, 1, 20))
    assert a.shape == (50, 8)
    assert b.shape == (30, 8)
    assert a.var(0).diff().min() > 0  # in order of what they explain


def test_same_seed_same_cells():
    first, second = (beyond(normal(300, 2), seed=4) for _ in range(2))
    assert (first.reached, first.share, first.p) == (second.reached, second.share, second.p)


def test_few_rows_are_refused():
    with pytest.raises(UserError, match="39 samples"):
        beyond(normal(39, 2))
