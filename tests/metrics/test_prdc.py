import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.prdc import precision_recall_density_coverage as prdc


def four(result):
    return result.precision, result.recall, result.density, result.coverage


@pytest.mark.parametrize(("n", "m", "d", "k"), [(300, 200, 16, 5), (120, 250, 3, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_equals_the_package_of_the_authors(n, m, d, k, dtype, capsys):
    reference = pytest.importorskip("prdc").compute_prdc
    real, fake = torch.randn(n, d, dtype=dtype), torch.randn(m, d, dtype=dtype) * 0.9 + 0.1
    expected = reference(real.double().numpy(), fake.double().numpy(), k)
    assert four(prdc(real=real, fake=fake, k=k, block=64)) == pytest.approx(
        tuple(expected[name] for name in ("precision", "recall", "density", "coverage"))
    )


def test_a_collapsed_generator_is_precise_but_recalls_little():
    real, fake = torch.randn(400, 8), torch.randn(400, 8) * 0.1
    result = prdc(real=real, fake=fake)
    assert result.precision == 1.0
    assert result.recall < 0.05
    swapped = prdc(real=fake, fake=real)
    assert (swapped.precision, swapped.recall) == (result.recall, result.precision)


def test_copies_of_the_reals_score_one():
    real = torch.randn(100, 5)
    precision, recall, density, coverage = four(prdc(real=real, fake=real.clone()))
    assert (precision, recall, coverage) == (1.0, 1.0, 1.0)
    # Each copy lies in the ball of its original; k - 1 of the k neighbours lie inside a ball.
    assert density == pytest.approx(1.0)


def test_one_repeated_point_scores_zero_under_open_balls():
    x = torch.full((30, 4), 2.5)
    assert four(prdc(real=x, fake=x)) == (0.0, 0.0, 0.0, 0.0)


def test_order_rotation_and_shift_do_not_matter():
    real, fake = torch.randn(150, 6).double(), torch.randn(100, 6).double()
    turn = torch.linalg.qr(torch.randn(6, 6).double()).Q
    moved = prdc(
        real=real[torch.randperm(150)] @ turn + 3, fake=fake[torch.randperm(100)] @ turn + 3
    )
    assert moved == prdc(real=real, fake=fake)


def test_too_few_rows_are_refused():
    with pytest.raises(UserError, match="neighbour 5 of 4"):
        prdc(real=torch.randn(5, 2), fake=torch.randn(10, 2))
