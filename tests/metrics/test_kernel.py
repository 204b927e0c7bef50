import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.kernel import kernel_distance, polynomial_mmd


def test_it_equals_the_sum_over_pairs():
    x, y = torch.randn(7, 3).double(), torch.randn(5, 3).double()

    def k(a, b):
        return float((a @ b / 3 + 1) ** 3)

    xx = [k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    yy = [k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    xy = [k(a, b) for a in x for b in y]
    expected = sum(xx) / 42 + sum(yy) / 20 - 2 * sum(xy) / 35
    assert polynomial_mmd(x, y) == pytest.approx(expected, rel=1e-12)


def test_it_equals_torch_fidelity_on_one_subset_of_all_rows():
    reference = pytest.importorskip("torch_fidelity.metric_kid")
    x, y = torch.randn(120, 16), torch.randn(120, 16) * 1.2 + 0.3
    expected = reference.kid_features_to_metric(
        x, y, kid_subsets=1, kid_subset_size=120, verbose=False
    )
    assert polynomial_mmd(x, y) == pytest.approx(
        expected["kernel_inception_distance_mean"], rel=1e-5
    )


def test_it_is_unbiased_and_its_interval_holds():
    """Equal populations: mean 0, and 95 % of the intervals hold it (about 190 of 200)."""
    rng = torch.Generator().manual_seed(0)
    results = [
        kernel_distance(
            torch.randn(200, 4, generator=rng), torch.randn(200, 4, generator=rng), rng=rng
        )
        for _ in range(200)
    ]
    values = torch.tensor([result.distance for result in results])
    assert abs(values.mean()) < 4 * values.std() / 200**0.5
    assert sum(result.low <= 0 <= result.high for result in results) >= 178


def test_the_interval_covers_the_distance_of_different_populations():
    """Normals on the line with variances v, w: E (xy + 1)^3 = 3 v w + 1 over independent draws."""
    scale = 1.5
    expected = 3 * (1 - scale**2) ** 2
    rng = torch.Generator().manual_seed(1)
    inside = 0
    for _ in range(100):
        x, y = (torch.randn(400, 1, generator=rng) for _ in range(2))
        result = kernel_distance(x, y * scale, rng=rng)
        inside += result.low <= expected <= result.high
    assert inside >= 85


def test_it_is_symmetric():
    x, y = torch.randn(30, 4), torch.randn(20, 4)
    assert polynomial_mmd(x, y) == pytest.approx(polynomial_mmd(y, x), rel=1e-12)


@pytest.mark.parametrize("blocks", [1, 32, 60])
def test_blocks_that_give_no_interval_are_refused(blocks):
    with pytest.raises(UserError, match="blocks"):
        kernel_distance(torch.randn(100, 2), torch.randn(100, 2), blocks=blocks)


def test_unequal_or_tiny_sets_are_refused():
    with pytest.raises(UserError, match="as many of each"):
        kernel_distance(torch.randn(100, 2), torch.randn(90, 2))
    with pytest.raises(UserError, match="two or more"):
        polynomial_mmd(torch.randn(1, 2), torch.randn(5, 2))
