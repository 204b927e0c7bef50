import torch

from gan_lab.metrics.features.flatten import Flatten


def test_all_values_are_kept_in_order():
    x = torch.arange(24.0).view(2, 3, 2, 2)
    assert Flatten()(x).tolist() == [list(range(12)), list(range(12, 24))]


def test_points_stay_as_they_are():
    x = torch.randn(4, 2)
    assert torch.equal(Flatten()(x), x)
