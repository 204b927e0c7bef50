import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.ndb import different_bins


def draw(n, rng):
    return torch.randn(n, 2, generator=rng)


def test_fresh_samples_differ_in_no_more_bins_than_chance_makes():
    """200 cells over ten draws at level .05: 10 expected, sd about 3."""
    rng = torch.Generator().manual_seed(0)
    reports = [
        different_bins(
            fit=draw(500, rng), real=draw(800, rng), fake=draw(800, rng), bins=20, rng=rng
        )
        for _ in range(10)
    ]
    assert sum(report.different for report in reports) <= 20
    assert reports[0].expected == 1.0


def test_a_lost_half_is_seen():
    rng = torch.Generator().manual_seed(0)
    fake = draw(800, rng)
    fake[:, 0] = fake[:, 0].abs()
    report = different_bins(fit=draw(500, rng), real=draw(800, rng), fake=fake, bins=20, rng=rng)
    assert report.different >= 14
    assert report.jensen_shannon > 0.1


def test_disjoint_sets_have_the_largest_divergence():
    rng = torch.Generator().manual_seed(0)
    fit = torch.cat([draw(50, rng), draw(50, rng) + 100])
    report = different_bins(fit=fit, real=fit[:50], fake=fit[50:], bins=10, rng=rng)
    assert report.jensen_shannon == pytest.approx(math.log(2), rel=1e-9)
    assert sum(report.real_share) == pytest.approx(1.0)
    assert sum(report.fake_share) == pytest.approx(1.0)


def test_equal_sets_differ_nowhere():
    rng = torch.Generator().manual_seed(0)
    x = draw(200, rng)
    report = different_bins(
        fit=draw(100, rng), real=x, fake=x[torch.randperm(200)], bins=20, rng=rng
    )
    assert report.different == 0
    assert report.jensen_shannon == pytest.approx(0.0, abs=1e-12)


def test_nothing_to_count_is_refused():
    with pytest.raises(UserError, match="no rows"):
        different_bins(
            fit=torch.randn(5, 2), real=torch.zeros(0, 2), fake=torch.zeros(3, 2), bins=2
        )
