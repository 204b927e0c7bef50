import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.frechet import (
    MomentAccumulator,
    Moments,
    frechet_distance,
    frechet_distance_of_moments,
    gaussian_spread,
    moments,
)


def features(n, d, seed, scale=1.0):
    rng = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=torch.Generator().manual_seed(99))
    return torch.randn(n, d, generator=rng) @ mix * scale


def test_diagonal_gaussians_have_a_closed_form():
    """sum (sqrt a - sqrt b)^2 for commuting covariances."""
    a, b = torch.tensor([4.0, 9.0, 1.0]), torch.tensor([1.0, 1.0, 16.0])
    assert float(gaussian_spread(a.diag(), b.diag())) == pytest.approx(1 + 4 + 9, rel=1e-12)


def test_singular_gaussians_have_a_closed_form_too():
    a, b = torch.tensor([4.0, 0.0, 0.0]), torch.tensor([1.0, 9.0, 0.0])
    for x, y in ((a, b), (b, a)):
        assert float(gaussian_spread(x.diag(), y.diag())) == pytest.approx(1 + 9, abs=1e-7)


@pytest.mark.parametrize(("n", "d"), [(200, 20), (30, 60)])
def test_a_translation_costs_its_squared_length(n, d):
    x = features(n, d, 0)
    shift = torch.full((d,), 0.5)
    result = frechet_distance(x, x + shift)
    assert result.distance == pytest.approx(0.25 * d, rel=1e-5)
    assert result.covariance == pytest.approx(0.0, abs=1e-4)
    assert (result.n, result.features) == (n, d)


@pytest.mark.parametrize(("n", "d"), [(200, 20), (30, 60)])
def test_a_set_in_any_order_is_at_distance_zero(n, d):
    x = features(n, d, 0)
    scale = float(x.var(dim=0).sum())
    assert abs(frechet_distance(x, x[torch.randperm(n)]).distance) < 1e-9 * scale


@pytest.mark.parametrize(("n", "d"), [(200, 20), (30, 60)])
def test_it_is_symmetric_and_scales_with_the_square(n, d):
    x, y = features(n, d, 0), features(n, d, 1, 1.3)
    there = frechet_distance(x, y).distance
    assert frechet_distance(y, x).distance == pytest.approx(there, rel=1e-9)
    assert frechet_distance(2 * x, 2 * y).distance == pytest.approx(4 * there, rel=1e-6)


@pytest.mark.parametrize(("n", "d"), [(400, 64), (64, 64), (30, 64)])
def test_it_equals_the_matrix_square_root_of_scipy(n, d):
    linalg = pytest.importorskip("scipy.linalg")
    x, y = features(n, d, 0).double(), features(n, d, 1, 1.2).double() + 0.1
    s, t = torch.cov(x.T), torch.cov(y.T)
    value, vector = torch.linalg.eigh(s)
    root = vector * value.clamp(min=0).sqrt() @ vector.T
    # scipy's root of the symmetric form: that of the product itself is unstable when n < d.
    trace = linalg.sqrtm((root @ t @ root).numpy()).real.trace()
    mean = float((x.mean(0) - y.mean(0)).square().sum())
    expected = mean + float(s.trace() + t.trace()) - 2 * float(trace)
    assert frechet_distance(x, y).distance == pytest.approx(expected, rel=1e-6)


def test_it_equals_the_square_root_of_the_product_of_full_covariances():
    linalg = pytest.importorskip("scipy.linalg")
    x, y = features(500, 32, 0).double(), features(500, 32, 1, 1.2).double()
    s, t = torch.cov(x.T), torch.cov(y.T)
    trace = linalg.sqrtm((s @ t).numpy()).real.trace()
    expected = float(s.trace() + t.trace()) - 2 * float(trace)
    assert frechet_distance(x, y).covariance == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("n", "d"), [(600, 48), (40, 96)])
def test_it_equals_torch_fidelity(n, d):
    reference = pytest.importorskip("torch_fidelity.metric_fid")
    x, y = features(n, d, 0).relu(), features(n, d, 1, 1.1).relu()
    statistics = [reference.fid_features_to_statistics(part) for part in (x, y)]
    expected = reference.fid_statistics_to_metric(*statistics, False)
    value = frechet_distance(x, y).distance
    assert value == pytest.approx(expected["frechet_inception_distance"], rel=1e-3)


@given(cuts=st.lists(st.integers(1, 99), max_size=4), offset=st.sampled_from([0.0, 1e6]))
@settings(max_examples=20, deadline=None)
def test_batches_of_any_size_give_the_moments_of_the_whole(cuts, offset):
    x = torch.randn(100, 12, dtype=torch.float64) + offset
    accumulator = MomentAccumulator(12)
    for part in torch.tensor_split(x, sorted(cuts)):
        accumulator.update(part)
    result = accumulator.moments()
    assert result.n == 100
    torch.testing.assert_close(result.mean, x.mean(0), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(result.covariance, torch.cov(x.T), rtol=1e-8, atol=1e-8)


def test_stored_moments_and_features_agree():
    x, y = features(80, 10, 0), features(80, 10, 1)
    stored = frechet_distance_of_moments(moments(x), moments(y))
    assert stored.distance == pytest.approx(frechet_distance(x, y).distance, rel=1e-9)


def test_unequal_numbers_are_refused():
    with pytest.raises(UserError, match="as many of each"):
        frechet_distance(torch.zeros(3, 2), torch.zeros(4, 2))
    one, two = (Moments(n, torch.zeros(2).double(), torch.eye(2).double()) for n in (5, 6))
    with pytest.raises(UserError, match="5 and 6 rows"):
        frechet_distance_of_moments(one, two)


def test_one_row_is_refused():
    with pytest.raises(UserError, match="two or more"):
        moments(torch.zeros(1, 2))
    with pytest.raises(UserError, match="two or more"):
        frechet_distance(torch.zeros(1, 2), torch.zeros(1, 2))
