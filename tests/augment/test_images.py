"""Moves, colours and holes against closed forms."""

import math

import pytest
import torch
from torch.nn import functional as F

from gan_lab.augment.colour import (
    Brightness,
    Contrast,
    Hue,
    LumaFlip,
    Saturation,
    colour_map,
    hue_rotation,
    tint,
)
from gan_lab.augment.colour_jitter import ColourJitter
from gan_lab.augment.cutout import Cutout
from gan_lab.augment.geometry import (
    Drift,
    Flip,
    QuarterTurn,
    Rotation,
    Scale,
    Stretch,
    Translation,
    rotation,
    scaling,
    shift,
)
from gan_lab.augment.warp import mirror, warp
from gan_lab.errors import UserError


def number(*values):
    return torch.tensor(values, dtype=torch.float64)


def random_affine(n):
    matrix = torch.eye(3, dtype=torch.float64).repeat(n, 1, 1)
    matrix[:, :2] += 0.4 * torch.randn(n, 2, 3, dtype=torch.float64)
    return matrix


@pytest.mark.parametrize("size", [(6, 6), (7, 4), (5, 9)])
@pytest.mark.parametrize("fill", [None, 0.0])
def test_warp_agrees_with_grid_sample(size, fill):
    x, matrix = torch.randn(4, 2, *size, dtype=torch.float64), random_affine(4)
    # grid_sample reads at A p, in units of half an image.
    unit = torch.diag(number(size[1] / 2, size[0] / 2, 1.0))
    theta = (unit.inverse() @ matrix.inverse() @ unit)[:, :2]
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    mode = "reflection" if fill is None else "zeros"
    expected = F.grid_sample(x, grid, padding_mode=mode, align_corners=False)
    torch.testing.assert_close(warp(x, matrix, fill=fill), expected)


def test_a_fill_is_a_shift_of_values():
    x, matrix = torch.randn(4, 2, 5, 7, dtype=torch.float64), random_affine(4)
    torch.testing.assert_close(warp(x, matrix, fill=-1.0), warp(x + 1, matrix, fill=0.0) - 1)


@pytest.mark.parametrize("size", [(6, 6), (7, 7), (4, 9)])
@pytest.mark.parametrize(("right", "down"), [(2, 1), (-1, 3), (0, -2)])
def test_whole_shifts_are_exact(size, right, down):
    x = torch.randn(2, 3, *size)
    moved = warp(x, shift(number(right, right), number(down, down)), fill=0.0)
    rolled = x.roll((down, right), (2, 3))
    rows, columns = torch.arange(size[0]) - down, torch.arange(size[1]) - right
    inside = ((rows >= 0) & (rows < size[0]))[:, None] & ((columns >= 0) & (columns < size[1]))
    assert moved.equal(torch.where(inside, rolled, torch.zeros(())))


def test_a_mirrored_shift_repeats_the_border_once():
    x = torch.arange(5.0).view(1, 1, 1, 5)
    assert warp(x, shift(number(2), number(0))).flatten().tolist() == [1, 0, 0, 1, 2]
    places = torch.arange(-7.0, 12.0)
    expected = torch.tensor([*range(3, 5), *range(4, -1, -1), *range(5), *range(4, -1, -1), 0, 1.0])
    assert mirror(places[:, None], torch.tensor([5.0]))[:, 0].equal(expected)


@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_rotation_by_90_degrees_is_rot90(size, turns):
    x = torch.randn(2, 3, size, size, dtype=torch.float64)
    turned = warp(x, rotation(number(turns, turns) * math.pi / 2))
    torch.testing.assert_close(turned, torch.rot90(x, turns, (2, 3)))


@pytest.mark.parametrize("fill", [None, 0.0])
def test_quarter_turns_are_exact_and_equally_frequent(fill, rng):
    n, size = 4000, 3
    x = torch.randn(1, 1, size, size).expand(n, 1, size, size)
    out = QuarterTurn(fill=fill)(x, rng)
    same = torch.stack([(out == torch.rot90(x, k, (2, 3))).all((1, 2, 3)) for k in range(4)])
    assert same.sum(0).eq(1).all()
    # Chi-squared with 3 degrees of freedom: above 27.9 with probability 4e-6.
    assert float((same.sum(1) - n / 4).square().sum() / (n / 4)) < 27.9


def test_flips_are_exact_and_their_own_inverse(rng):
    x = torch.randn(64, 1, 4, 5)
    once = Flip()(x, rng.manual_seed(1))
    kept, flipped = (once == x).all((1, 2, 3)), (once == x.flip(3)).all((1, 2, 3))
    assert (kept ^ flipped).all() and flipped.any() and kept.any()
    assert Flip()(once, rng.manual_seed(1)).equal(x)


def test_translation_reaches_its_ends_and_no_further(rng):
    x = torch.zeros(4000, 1, 16, 8)
    matrix = Translation(ratio=0.125).matrix(x, rng)
    assert matrix[:, 0, 2].unique().tolist() == [-1, 0, 1]
    assert matrix[:, 1, 2].unique().tolist() == [-2, -1, 0, 1, 2]


def test_random_moves_have_their_moments(rng):
    n = 20_000
    x = torch.zeros(n, 1, 10, 20)
    bound = 5 / math.sqrt(2 * n)  # five standard errors of a standard deviation
    scale = Scale(std=0.3).matrix(x, rng)
    assert scale[:, 0, 0].equal(scale[:, 1, 1])
    assert float(scale[:, 0, 0].log2().std()) == pytest.approx(0.3, rel=bound)
    stretch = Stretch(std=0.3).matrix(x, rng)
    torch.testing.assert_close(torch.linalg.det(stretch), torch.ones(n, dtype=torch.float64))
    assert float(stretch[:, 0, 0].log2().std()) == pytest.approx(0.3, rel=bound)
    drift = Drift(std=0.1).matrix(x, rng)
    assert float(drift[:, 0, 2].std()) == pytest.approx(2.0, rel=bound)
    assert float(drift[:, 1, 2].std()) == pytest.approx(1.0, rel=bound)
    angle = torch.acos(Rotation(degrees=30.0).matrix(x, rng)[:, 0, 0])
    assert math.radians(29) < float(angle.max()) <= math.radians(30) + 1e-9


def test_a_scale_is_about_the_centre():
    x = torch.zeros(1, 1, 8, 8)
    x[..., 3:5, 3:5] = 1.0
    grown = warp(x, scaling(number(2), number(2)))
    assert float(grown.sum()) == pytest.approx(16.0)
    assert grown.equal(grown.flip(2)) and grown.equal(grown.flip(3))


def test_brightness_moves_every_mean(rng):
    x = torch.randn(5, 3, 4, 4, dtype=torch.float64)
    moved = Brightness(std=0.5)(x, rng) - x
    constant = moved[:, :1, :1, :1]
    assert constant.ne(0).all()
    torch.testing.assert_close(moved, constant.expand_as(x))


def test_contrast_scales_and_luma_flip_of_grey_negates(rng):
    x = torch.randn(64, 1, 3, 3, dtype=torch.float64)
    ratio = Contrast()(x, rng) / x
    torch.testing.assert_close(ratio, ratio[:, :, :1, :1].expand_as(x))
    assert ratio.gt(0).all()
    sign = LumaFlip()(x, rng) / x
    torch.testing.assert_close(sign.abs(), torch.ones_like(x))
    assert sign.min() < 0 < sign.max()


def luma(x):
    return x.mean(1)


def colour(x):
    return x - x.mean(1, keepdim=True)


def test_luma_flip_negates_luma_and_keeps_colour(rng):
    x = torch.randn(64, 3, 3, 3, dtype=torch.float64)
    out = LumaFlip()(x, rng)
    torch.testing.assert_close(colour(out), colour(x))
    torch.testing.assert_close(luma(out).abs(), luma(x).abs())


def test_hue_keeps_luma_and_the_length_of_colour(rng):
    x = torch.randn(8, 3, 3, 3, dtype=torch.float64)
    out = Hue()(x, rng)
    torch.testing.assert_close(luma(out), luma(x))
    torch.testing.assert_close(colour(out).norm(dim=1), colour(x).norm(dim=1))
    assert not torch.allclose(out, x)


def test_a_third_of_a_turn_of_hue_permutes_the_channels():
    x = torch.randn(1, 3, 2, 2, dtype=torch.float64)
    third = hue_rotation(number(2 * math.pi / 3))
    torch.testing.assert_close(tint(x, third), x.roll(1, 1))
    back = hue_rotation(number(-2 * math.pi / 3))
    torch.testing.assert_close(back @ third, torch.eye(4, dtype=torch.float64)[None])


def test_saturation_scales_colour_alone(rng):
    x = torch.randn(8, 3, 3, 3, dtype=torch.float64)
    out = Saturation()(x, rng)
    torch.testing.assert_close(luma(out), luma(x))
    ratio = colour(out) / colour(x)
    torch.testing.assert_close(ratio, ratio[:, :1, :1, :1].expand_as(x))
    grey = tint(x, colour_map(torch.ones(8).double(), torch.zeros(8).double(), 3))
    torch.testing.assert_close(grey, x.mean(1, keepdim=True).expand_as(x))


def test_hue_and_saturation_leave_grey_images(rng):
    x = torch.randn(8, 1, 3, 3)
    assert Hue()(x, rng).equal(x)
    assert Saturation()(x, rng).equal(x)
    with pytest.raises(UserError, match="2 channels"):
        Hue()(torch.zeros(1, 2, 3, 3), rng)


def test_colour_jitter_against_its_formula():
    x = torch.rand(6, 3, 4, 5, dtype=torch.float64)
    transform = ColourJitter(brightness=0.5, saturation=1.0, contrast=0.5)
    out = transform(x, torch.Generator().manual_seed(2))
    unit = torch.rand(3, 6, generator=torch.Generator().manual_seed(2)).double()
    for i in range(6):
        b, s, k = (float(u) for u in unit[:, i])
        y = x[i] + (b - 0.5)
        y = (y - y.mean(0)) * (2 * s) + y.mean(0)
        y = (y - y.mean()) * (0.5 + k) + y.mean()
        torch.testing.assert_close(out[i], y, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [8, 9])
def test_cutout_is_one_rectangle_of_its_size(size, rng):
    out = Cutout(ratio=0.5, fill=-1.0)(torch.ones(500, 2, size, size), rng)
    hole = out == -1
    assert (hole | (out == 1)).all() and hole[:, 0].equal(hole[:, 1])
    rows, columns = hole[:, 0].any(2), hole[:, 0].any(1)
    assert hole[:, 0].equal(rows[:, :, None] & columns[:, None])
    side = int(size / 2 + 0.5)
    for line in (rows, columns):
        assert line.sum(1).max() == side  # whole inside, cut at the border
        assert line.any(0).all()  # every place can be hit
        assert (line.int().diff(dim=1).abs().sum(1) <= 2).all()  # one interval
