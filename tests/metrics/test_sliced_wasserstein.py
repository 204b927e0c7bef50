import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.sliced_wasserstein import sliced_wasserstein


def rng():
    return torch.Generator().manual_seed(3)


def test_a_set_is_at_distance_zero_from_itself_in_any_order():
    x = torch.randn(50, 2, 4)
    assert sliced_wasserstein(x, x[torch.randperm(50)], rng=rng()) == pytest.approx(0, abs=1e-12)


def test_it_is_symmetric():
    x, y = torch.randn(40, 3), torch.randn(40, 3) * 2
    assert sliced_wasserstein(x, y, rng=rng()) == sliced_wasserstein(y, x, rng=rng())


def test_a_shift_in_the_plane_is_seen_by_its_mean_projection():
    """E |theta . v| = |v| * 2 / pi for a direction drawn on the circle."""
    x = torch.randn(30, 2)
    value = sliced_wasserstein(x, x + torch.tensor([3.0, 4.0]), directions=20_000, rng=rng())
    assert value == pytest.approx(5 * 2 / math.pi, rel=0.02)


def test_it_grows_with_the_difference():
    x = torch.randn(500, 2)
    values = [sliced_wasserstein(x, x * scale, rng=rng()) for scale in (1.0, 1.5, 3.0)]
    assert values == sorted(values)


def test_unequal_sizes_are_refused():
    with pytest.raises(UserError, match="differ"):
        sliced_wasserstein(torch.zeros(3, 2), torch.zeros(4, 2))
