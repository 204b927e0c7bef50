import pytest
import torch

from gan_lab.metrics.alpha_precision import alpha_precision_beta_recall


def score(real, fake):
    return alpha_precision_beta_recall(real=real, fake=fake)


def test_copies_are_perfect():
    real = torch.randn(300, 4)
    result = score(real, real[torch.randperm(300)])
    assert result.precision == pytest.approx(1.0, abs=0.01)
    assert result.recall == pytest.approx(1.0, abs=0.01)


def test_fresh_samples_follow_the_diagonal():
    """The curve is an empirical distribution function; its error is about 1 / sqrt(n)."""
    result = score(torch.randn(2000, 3), torch.randn(2000, 3))
    assert result.precision > 1 - 2 * 3 / 2000**0.5
    gaps = [abs(p - a) for p, a in zip(result.precision_curve, result.levels, strict=True)]
    assert max(gaps) < 2.2 * (2 / 2000) ** 0.5


def test_samples_at_the_centre_are_too_typical():
    """All fakes sit inside every ball: P(alpha) = 1 from the first level, score 1 - 2 * 1/2."""
    result = score(torch.randn(500, 3), torch.randn(500, 3) * 1e-4)
    assert result.precision == pytest.approx(0.0, abs=0.05)
    assert result.recall < 0.1


def test_samples_far_away_have_neither():
    result = score(torch.randn(200, 3), torch.randn(200, 3) + 100)
    assert set(result.precision_curve) == {0.0}
    assert set(result.recall_curve) == {0.0}
    assert result.precision == pytest.approx(0.0)


def test_half_the_fakes_far_away_halve_the_curve():
    real = torch.randn(400, 3)
    fake = torch.cat([real[:200], real[:200] + 100])
    assert score(real, fake).precision_curve[-1] == 0.5
