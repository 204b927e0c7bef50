import numpy as np
import pytest
import torch

from gan_lab.render.images import GAP, MARGIN, image_grid, to_rgb
from gan_lab.spec import DataSpec


def spec(channels=1, size=(28, 28)):
    return DataSpec("toy", "images", channels, size, bounds=(-1.0, 1.0))


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_any_channel_count_becomes_rgb(channels):
    x = torch.rand(4, channels, 6, 5) * 2 - 1
    assert to_rgb(x, spec(channels, (6, 5))).shape == (4, 6, 5, 3)


def test_colours_are_exact():
    x = torch.tensor([-1.0, 0.0, 1.0]).view(1, 3, 1, 1)
    assert to_rgb(x, spec(3, (1, 1))).flatten().tolist() == [0, 128, 255]


def test_values_outside_the_bounds_are_clipped_and_nan_is_drawn():
    x = torch.tensor([-9.0, 9.0, float("nan"), -1.0]).view(1, 1, 2, 2)
    assert to_rgb(x, spec(1, (2, 2)))[0, :, :, 0].flatten().tolist() == [0, 255, 128, 0]


def test_two_channels_become_their_mean():
    x = torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)
    assert to_rgb(x, spec(2, (1, 1))).flatten().tolist() == [128, 128, 128]


def test_unbounded_images_are_stretched():
    plain = DataSpec("toy", "images", 1, (1, 2))
    x = torch.tensor([3.0, 7.0]).view(1, 1, 1, 2)
    assert to_rgb(x, plain)[0, 0, :, 0].tolist() == [0, 255]


def test_small_images_are_enlarged_by_whole_pixels():
    x = torch.rand(4, 1, 28, 28) * 2 - 1
    sheet = image_grid(x, spec(), columns=2)
    side = 28 * 3
    assert sheet.size == (2 * MARGIN + 2 * side + GAP,) * 2
    first = np.asarray(sheet)[MARGIN : MARGIN + side, MARGIN : MARGIN + side]
    expected = to_rgb(x, spec())[0].repeat(3, 0).repeat(3, 1)
    assert np.array_equal(first, expected)


def test_large_images_keep_their_size():
    sheet = image_grid(torch.zeros(1, 1, 100, 80), spec(1, (100, 80)))
    assert sheet.size == (80 + 2 * MARGIN, 100 + 2 * MARGIN)


def test_labels_and_title_take_room():
    x = torch.zeros(4, 1, 28, 28)
    bare = image_grid(x, spec(), columns=2)
    named = image_grid(x, spec(), columns=2, row_labels=("cat", "dog"), column_labels=("0", "1"))
    titled = image_grid(x, spec(), columns=2, title="x")
    assert named.width > bare.width
    assert named.height > bare.height
    assert titled.height > bare.height


def test_last_row_may_be_short():
    sheet = image_grid(torch.ones(3, 1, 28, 28), spec(), columns=2)
    assert np.asarray(sheet)[-MARGIN - 1, -MARGIN - 1].tolist() == [255, 255, 255]
    assert sheet.height == 2 * MARGIN + 2 * 84 + GAP
