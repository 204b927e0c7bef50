import torch

from gan_lab.render.sprites import MOST_PIXELS, sprite_side, sprites
from gan_lab.spec import DataSpec

GREY = DataSpec("grey", "images", 1, (8, 8), scale=(127.5,), offset=(127.5,), bounds=(0.0, 255.0))
LINES = DataSpec("lines", "series", 2, (24,))


def test_sheets_fit_into_a_texture():
    for count in (1, 2, 100, 65_536, 65_537, 200_000, 1_000_000):
        across = -((-count // 1) ** 0.5)
        side = sprite_side(count)
        assert 1 <= side <= 32
        assert -(-(count**0.5) // 1) * side <= MOST_PIXELS, across


def test_small_images_grow_and_large_ones_shrink_to_one_size():
    black, white = -torch.ones(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    found = sprites(torch.cat([black, white]), GREY)
    assert found.shape == (2, 3, 32, 32)
    assert float(found[0].max()) == 0.0
    assert float(found[1].min()) == 1.0
    wide = DataSpec("wide", "images", 3, (64, 48), bounds=(-1.0, 1.0))
    assert sprites(torch.zeros(2, 3, 64, 48), wide).shape == (2, 3, 32, 32)


def test_series_are_drawn_as_lines_that_rise_with_their_values():
    ramp = torch.linspace(-1, 1, 24).expand(1, 2, 24)
    picture = sprites(ramp, LINES)
    ink = (1 - picture[0]).sum(0)
    rows = torch.arange(32.0)
    height = (ink * rows[:, None]).sum(0) / ink.sum(0)
    assert (height.diff() < 0).all()  # row 0 is the top


def test_points_have_no_picture():
    assert sprites(torch.zeros(3, 2), DataSpec("p", "points", 2)) is None
