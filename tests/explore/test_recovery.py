import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.anomaly import anomaly_score, auc
from gan_lab.explore.closeness import nearest_training, nrmse, psnr
from gan_lab.explore.inversion import invert
from gan_lab.explore.recovery import recovery
from gan_lab.latent import Normal
from gan_lab.spec import DataSpec

FAST = {"steps": 30, "polish": 20, "pool": 128, "restarts": 4}


def loadings(m, d, seed=0):
    return torch.linalg.qr(torch.randn(m, d, generator=torch.Generator().manual_seed(seed)))[0]


def plane(basis):
    """A linear generator onto a d-dimensional plane in m dimensions."""
    return lambda z: 2 * z @ basis.T


def rows(basis, n, seed, noise=0.05):
    rng = torch.Generator().manual_seed(seed)
    z = torch.randn(n, basis.shape[1], generator=rng)
    return 2 * z @ basis.T + noise * torch.randn(n, len(basis), generator=rng)


def test_a_generator_that_knows_the_data_covers_them_and_shows_no_gap():
    basis, held_out = loadings(10, 3), rows(loadings(10, 3), 60, 6)
    found = recovery(
        lambda x: invert(plane(basis), Normal(3), x, weight=0.0, **FAST),
        rows(basis, 60, 5),
        held_out,
    )
    assert found.share_uncovered == 0
    assert found.interval[1] < 0.07
    assert found.p > 0.05
    assert abs(found.gap) < 0.3
    # What is left is what lies outside the plane.
    outside = held_out - held_out @ basis @ basis.T
    assert torch.allclose(found.held_out, outside.square().mean(1), atol=1e-5)


def test_a_missing_part_of_the_data_is_not_covered():
    basis = loadings(10, 3)
    data = rows(basis, 400, 1)
    found = recovery(
        lambda x: invert(plane(basis[:, :1]), Normal(1), x, **FAST),
        data[:50],
        rows(basis, 50, 2),
        library=data,
    )
    assert found.share_uncovered > 0.8
    low, high = found.interval
    assert low < found.share_uncovered < high or found.share_uncovered == 1


def test_a_generator_that_remembers_shows_the_gap():
    # Its plane is fitted to four training rows: these are recovered, others are not.
    train = torch.randn(4, 12)
    held_out = torch.randn(30, 12)
    basis = torch.linalg.qr(train.T)[0]
    found = recovery(lambda x: invert(plane(basis), Normal(4), x, **FAST), train, held_out)
    assert found.gap > 0.9
    assert found.p < 0.01
    assert found.statistic > 0.9


def test_too_few_rows_are_named():
    with pytest.raises(UserError, match="1 training and 3 held-out"):
        recovery(lambda x: None, torch.zeros(1, 2), torch.zeros(3, 2))


def test_anomalies_of_a_held_out_direction_score_higher():
    basis = loadings(10, 4)
    known, odd = basis[:, :3], basis[:, 1:]
    prior, decode = Normal(3), plane(known)
    normal, strange = rows(known, 60, 3, noise=0.2), rows(odd, 60, 4, noise=0.2)
    scores = [anomaly_score(invert(decode, prior, x, **FAST), x) for x in (normal, strange)]
    # The odd part is 2 z, z normal; noise .2 in 7 directions has norm .53 +- .14.
    assert auc(*scores) > 0.85
    assert auc(scores[0][:30], scores[0][30:]) == pytest.approx(0.5, abs=0.2)


def test_corruptions_score_higher_and_features_take_part():
    basis = loadings(10, 3)
    decode, prior, x = plane(basis), Normal(3), rows(basis, 40, 3)
    broken = x.clone()
    broken[:, 0] = 3.0
    found = [invert(decode, prior, one, **FAST) for one in (x, broken)]
    assert auc(*(anomaly_score(f, one) for f, one in zip(found, (x, broken), strict=True))) > 0.9
    alone = anomaly_score(found[0], x, features=lambda v: v[:, :1], share=1.0)
    assert torch.allclose(alone, (found[0].x - x)[:, 0].abs(), atol=1e-6)
    with pytest.raises(UserError, match="share=2"):
        anomaly_score(found[0], x, features=lambda v: v, share=2.0)
    with pytest.raises(UserError, match="3 targets"):
        anomaly_score(found[0], x[:3])


def test_auc_by_counting():
    assert auc(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 3.0])) == (1.5 + 3) / 6
    with pytest.raises(UserError, match="empty"):
        auc(torch.zeros(0), torch.zeros(1))


def test_yardstick_and_its_units():
    train = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    found = nearest_training(torch.tensor([[3.0, 4.0], [0.0, 1.0]]), train)
    assert found.error.tolist() == [0.0, 0.5]
    assert found.index.tolist() == [1, 0]
    other = nearest_training(train, train, itself=True)
    assert other.error.tolist() == [12.5, 12.5]
    assert other.index.tolist() == [1, 0]


def test_psnr_and_nrmse():
    spec = DataSpec("d", "images", 1, (2, 2), scale=(8.0,), offset=(8.0,), bounds=(0.0, 16.0))
    assert psnr(torch.tensor([0.04]), spec).item() == pytest.approx(20, abs=1e-4)
    target = torch.tensor([[[0.0, 2.0], [5.0, 9.0]]])
    # Variances about the channel means are 1 and 4.
    assert nrmse(torch.tensor([0.1]), target).item() == pytest.approx(math.sqrt(0.1 / 2.5))
