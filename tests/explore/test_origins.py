import math

import pytest
import torch

from gan_lab.explore.origins import origin
from gan_lab.explore.standing import percentile, standing


def latents(n=600):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0))


def measured(kind, z):
    return origin("kind", kind, xy=z, log_prob=-0.5 * z.square().sum(1))


def test_a_kind_that_comes_from_one_region_is_found():
    z = latents()
    found = measured(z[:, 0] > 1.2, z)
    assert found.together > 4
    assert found.p == pytest.approx(1 / 201)
    assert found.off_prior > 5  # the outskirts


def test_a_kind_that_comes_from_the_middle_is_likelier():
    z = latents()
    assert measured(z.norm(dim=1) < 0.5, z).off_prior < -5


def test_a_scattered_kind_is_not():
    z = latents()
    found = measured(torch.arange(len(z)) % 7 == 0, z)
    assert found.together == pytest.approx(1.0, abs=0.35)
    assert found.p > 0.02
    assert abs(found.off_prior) < 3


def test_an_empty_kind_has_no_place():
    z = latents()
    found = measured(torch.zeros(len(z), dtype=torch.bool), z)
    assert found.count == 0
    assert math.isnan(found.together)


def test_percentiles_of_ties_lie_in_the_middle():
    among = torch.tensor([1.0, 1.0, 2.0, 3.0])
    assert percentile(torch.tensor([0.0, 1.0, 2.5, 9.0]), among).tolist() == [
        0.0,
        25.0,
        75.0,
        100.0,
    ]


def test_held_out_rows_stand_like_held_out_rows_and_copies_stand_out():
    rng = torch.Generator().manual_seed(1)
    train, held_out, fresh = (torch.randn(800, 2, generator=rng) for _ in range(3))
    honest = standing(fresh, train=train, held_out=held_out)
    assert float(honest.density.mean()) == pytest.approx(50, abs=6)
    assert float(honest.novelty.mean()) == pytest.approx(50, abs=6)
    copies = standing(train[:50], train=train, held_out=held_out)
    assert copies.copied.all()
    assert copies.row.tolist() == list(range(50))
    far = standing(fresh[:50] + 20, train=train, held_out=held_out)
    assert far.sparse.all()
    assert (far.novelty > 99).all()
