import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.features.random_convolution import RandomConvolution
from gan_lab.metrics.frechet import frechet_distance


@pytest.mark.parametrize(("axes", "shape"), [(1, (3, 24)), (2, (3, 12, 10))])
def test_it_takes_series_and_images(axes, shape):
    extractor = RandomConvolution(3, axes, width=8, depth=3)
    assert extractor(torch.randn(5, *shape)).shape == (5, 2 * 8 * 7)


def test_the_seed_alone_decides_the_weights():
    torch.manual_seed(1)
    one = RandomConvolution(1, 2, seed=3)
    torch.manual_seed(2)
    two, other = RandomConvolution(1, 2, seed=3), RandomConvolution(1, 2, seed=4)
    assert one.digest == two.digest != other.digest
    assert one.name == two.name != other.name


def test_maps_keep_the_scale_of_the_input():
    """Weights of variance 2 / fan-in under a leaky ReLU."""
    features = RandomConvolution(1, 2, width=32, depth=3)
    x = torch.randn(20, 1, 64, 64)
    for stage in features.stages:
        x = stage(x)
        assert float(x.square().mean()) == pytest.approx(1.0, rel=0.25)


def test_local_structure_is_seen_where_single_values_are_alike():
    """Noise and smoothed noise of the same variance: far apart next to two sets of noise."""
    features = RandomConvolution(1, 2, width=8, depth=2)
    noise, other, third = (torch.randn(300, 1, 16, 16) for _ in range(3))
    smooth = torch.nn.functional.avg_pool2d(third, 3, stride=1, padding=1) * 3
    floor = frechet_distance(features(noise), features(other)).distance
    assert frechet_distance(features(noise), features(smooth)).distance > 10 * floor


def test_points_have_no_convolution():
    with pytest.raises(UserError, match="not 0"):
        RandomConvolution(2, 0)
