import pytest
import torch

from gan_lab.components.norms import PixelNorm, norm_layer
from gan_lab.errors import UserError

REDUCED = {"batch": (0, 2, 3), "instance": (2, 3), "layer": (1, 2, 3)}


@pytest.mark.parametrize("kind", REDUCED)
def test_mean_and_variance_vanish_over_the_norm_axes(kind):
    y = norm_layer(kind, 6, 2)(3 + 5 * torch.randn(4, 6, 5, 7))
    torch.testing.assert_close(y.mean(REDUCED[kind]), torch.zeros_like(y.mean(REDUCED[kind])))
    variance = y.var(REDUCED[kind], correction=0)
    torch.testing.assert_close(variance, torch.ones_like(variance), atol=1e-3, rtol=0)


def test_group_norm_leaves_two_channels_or_more_in_a_group():
    for channels in range(1, 40):
        layer = norm_layer("group", channels, 1)
        assert channels == 1 or channels // layer.num_groups >= 2
    assert norm_layer("group", 32, 2).num_groups == 8


def test_pixel_norm_gives_unit_mean_square_and_ignores_scale():
    x = torch.randn(2, 8, 3, 3)
    y = PixelNorm()(x)
    torch.testing.assert_close(y.square().mean(1), torch.ones(2, 3, 3))
    torch.testing.assert_close(PixelNorm()(10 * x), y)


@pytest.mark.parametrize("spatial", [0, 1, 2])
@pytest.mark.parametrize("kind", ["none", "batch", "layer", "group", "pixel"])
def test_any_number_of_axes(kind, spatial):
    x = torch.randn(3, 4, *[5] * spatial)
    assert norm_layer(kind, 4, spatial)(x).shape == x.shape


@pytest.mark.parametrize(("kind", "spatial"), [("weight", 2), ("instance", 0)])
def test_impossible_norms_are_refused(kind, spatial):
    with pytest.raises(UserError, match="expected one of none, batch"):
        norm_layer(kind, 4, spatial)
