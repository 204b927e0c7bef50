import pytest
import torch

from gan_lab.metrics.health.judgement import accuracy, judgement, slope
from gan_lab.objectives import ebgan, hinge, lsgan, minimax, non_saturating, rpgan, wgan


def normal(n, seed):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed))


def test_accuracy_is_the_share_of_pairs():
    real, fake = normal(9, 0), normal(7, 1)
    pairs = [float(a > b) for a in real for b in fake]
    assert accuracy(real=real, fake=fake) == pytest.approx(sum(pairs) / 63)
    assert accuracy(real=real, fake=real) == 0.5
    assert accuracy(real=real + 100, fake=fake) == 1


def test_overfitting_is_nought_when_held_out_rows_are_like_training_rows_and_one_like_samples():
    train, fake = normal(4000, 0) + 2, normal(4000, 1)
    options = {"train": train, "fake": fake, "generator_loss": wgan.generator}
    fresh = judgement(held_out=normal(3000, 2) + 2, **options)
    known = judgement(held_out=normal(3000, 2), **options)
    assert abs(fresh.overfitting) < 4 * fresh.overfitting_error
    assert abs(known.overfitting - 1) < 4 * known.overfitting_error
    assert known.overfitting_error == pytest.approx((1 / 4000 + 1 / 3000) ** 0.5 / 2, rel=0.05)
    assert known.gap == pytest.approx(2.0, abs=0.1)


def test_overfitting_has_no_meaning_for_a_critic_that_prefers_samples():
    found = judgement(
        train=torch.zeros(4), held_out=torch.zeros(4), fake=torch.ones(4),
        generator_loss=wgan.generator,
    )  # fmt: skip
    assert (found.overfitting, found.accuracy, found.gap) == (None, 0.0, -1.0)


SLOPES = [
    (wgan.generator, 1.0),
    (hinge.generator, 1.0),
    (ebgan.generator, 1.0),
    (non_saturating.generator, torch.sigmoid(torch.tensor(8.0)).item()),
    (minimax.generator, torch.sigmoid(torch.tensor(-8.0)).item()),
    (rpgan.generator, torch.sigmoid(torch.tensor(13.0)).item()),
    (lsgan.generator, 9.0),
]


@pytest.mark.parametrize(("loss", "value"), SLOPES)
def test_slope_where_the_critic_wins(loss, value):
    real, fake = torch.full((6,), 5.0), torch.full((6,), -8.0)
    assert slope(real=real, fake=fake, generator_loss=loss) == pytest.approx(value, rel=1e-4)
