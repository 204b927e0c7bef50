import math

import numpy as np
import pytest
import torch
from scipy.stats import linregress

from gan_lab.errors import UserError
from gan_lab.metrics.attributes import dynamics, strokes
from gan_lab.metrics.attributes.named import attribute_named, attributes_of
from gan_lab.metrics.temporal.granger import granger_pairs
from gan_lab.spec import DataSpec

IMAGES = DataSpec("i", "images", 1, (28, 28), scale=(127.5,), offset=(127.5,), bounds=(0.0, 255.0))
SERIES = DataSpec("s", "series", 2, (40,), channel_names=("open", "close"))
POINTS = DataSpec("p", "points", 2, (), channel_names=("x", "y"), scale=(2.0,), offset=(1.0,))


def stroke(width=4.0, length=20.0, lean=0.0, soft=1.0, size=41, turn=0.0):
    """A straight stroke: upright, sheared by `lean` degrees or turned by `turn` degrees."""
    axis = torch.arange(size, dtype=torch.float64) - size // 2
    y, x = -axis[:, None].expand(size, size), axis.expand(size, size)
    angle = math.radians(turn)
    x, y = x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
    x = x - y * math.tan(math.radians(lean))
    inside = torch.minimum(width / 2 - x.abs(), length / 2 - y.abs())
    return (inside / soft + 0.5).clamp(0, 1)[None, None]


def test_thickness_is_two_areas_by_the_edge():
    for width in (2.0, 4.0, 6.0):
        expected = width * 24 / (24 + width)
        assert strokes.thickness(stroke(width, 24)).item() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("turn", [0, 20, 45, 70, 90, -45])
def test_thickness_hardly_depends_on_the_way_of_the_stroke(turn):
    for width in (2.0, 4.0):
        found = strokes.thickness(stroke(width, 24, turn=turn)).item()
        assert found == pytest.approx(strokes.thickness(stroke(width, 24)).item(), rel=0.12)
    mirrored = strokes.thickness(stroke(3, 24, turn=-turn)).item()
    assert strokes.thickness(stroke(3, 24, turn=turn)).item() == pytest.approx(mirrored)


def test_contrast_and_ground_cancel():
    drawn = stroke(4, 20)
    for other in (0.5 * drawn, 1 - drawn, 0.2 + 0.3 * drawn):
        for measure in (strokes.thickness, strokes.slant, strokes.size):
            assert measure(other).item() == pytest.approx(measure(drawn).item(), abs=1e-9)
    assert strokes.brightness(0.5 * drawn).item() == pytest.approx(drawn.mean().item() / 2)


@pytest.mark.parametrize("lean", [-30, -10, 0, 15, 35])
def test_slant_is_the_angle_of_the_shear(lean):
    assert strokes.slant(stroke(4, 24, lean)).item() == pytest.approx(lean, abs=1.0)


def test_slant_does_not_depend_on_the_place():
    moved = torch.roll(stroke(3, 16, 20), (5, -4), (2, 3))
    assert strokes.slant(moved).item() == pytest.approx(strokes.slant(stroke(3, 16, 20)).item())


def test_size_of_a_box_is_its_radius_of_gyration():
    expected = math.sqrt((9**2 + 15**2) / 12)
    assert strokes.size(stroke(9, 15, soft=1)).item() == pytest.approx(expected, rel=0.02)


def test_blank_images_have_no_shape():
    blank = torch.zeros(1, 1, 8, 8)
    assert strokes.brightness(blank).item() == 0
    for measure in (strokes.thickness, strokes.slant, strokes.size):
        assert measure(blank).isnan().all()


def test_strokes_have_gradients():
    t = stroke(4, 20, 10).requires_grad_()
    for measure in (strokes.thickness, strokes.slant, strokes.size, strokes.brightness):
        (grad,) = torch.autograd.grad(measure(t).sum(), t)
        assert grad.isfinite().all()


def test_series_attributes_against_numpy():
    x = torch.randn(3, 2, 40).double().cumsum(2)
    y = x.numpy()
    assert dynamics.level(x).tolist() == pytest.approx(y.mean((1, 2)).tolist())
    assert dynamics.volatility(x).tolist() == pytest.approx(y.std(2).mean(1).tolist())
    rough = np.sqrt((np.diff(y, axis=2) ** 2).mean(2)).mean(1)
    assert dynamics.roughness(x).tolist() == pytest.approx(rough.tolist())
    slopes = [[linregress(range(40), channel).slope for channel in series] for series in y]
    assert dynamics.trend(x).tolist() == pytest.approx(np.mean(slopes, 1).tolist())
    centred = y - y.mean(2, keepdims=True)
    rho = (centred[:, :, 1:] * centred[:, :, :-1]).sum(2) / (centred**2).sum(2)
    assert dynamics.memory(x).tolist() == pytest.approx(rho.mean(1).tolist())


def test_granger_strength_sees_which_channel_drives():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(20, 2, 200, generator=rng, dtype=torch.float64)
    x[:, 1, 1:] += 0.8 * x[:, 0, :-1]
    ahead, back = dynamics.granger_edge(x, 0, 1), dynamics.granger_edge(x, 1, 0)
    assert ahead.mean() == pytest.approx(math.log(1 + 0.64), abs=0.06)
    assert back.mean() < 0.02
    assert torch.allclose(dynamics.granger(x), (ahead + back) / 2)
    assert torch.allclose(ahead, granger_pairs(x, 1).strength[:, 0, 1])


def test_a_constant_channel_is_left_out_and_a_constant_series_has_no_memory():
    x = torch.randn(2, 2, 40).double()
    x[:, 1] = 3.0
    assert torch.allclose(dynamics.memory(x), dynamics.memory(x[:, :1]))
    assert dynamics.memory(torch.ones(1, 2, 40)).isnan().all()


def test_attributes_by_name():
    assert list(attributes_of(IMAGES)) == ["thickness", "slant", "size", "brightness"]
    assert "granger" in attributes_of(SERIES)
    assert "granger" not in attributes_of(DataSpec("s", "series", 1, (40,)))
    assert list(attributes_of(POINTS)) == ["x", "y", "radius"]
    x = torch.tensor([[1.0, -2.0]])
    assert attribute_named(POINTS, "y")(x).tolist() == [-3.0]
    assert attribute_named(POINTS, "radius")(x).item() == pytest.approx(math.hypot(3, -3))


def test_images_are_read_in_their_own_range():
    drawn = stroke(4, 20, 15, size=29)[:, :, :28, :28]
    x = (2 * drawn - 1).float()
    assert attribute_named(IMAGES, "slant")(x).item() == pytest.approx(
        strokes.slant(drawn).item(), abs=1e-3
    )


def test_one_channel_of_a_series():
    x = torch.randn(3, 2, 40)
    found = attribute_named(SERIES, "volatility:close")(x)
    assert torch.allclose(found, dynamics.volatility(x[:, 1:]))
    edge = attribute_named(SERIES, "granger:close:open")(x)
    assert torch.allclose(edge, dynamics.granger_edge(x, 1, 0))


@pytest.mark.parametrize(
    ("spec", "text", "message"),
    [
        (IMAGES, "thikness", "did you mean 'thickness'"),
        (SERIES, "volatility:high", "no channel 'high'; channels: open, close"),
        (SERIES, "granger:open", "expected granger:CAUSE:EFFECT"),
        (IMAGES, "slant:grey", "names no attribute"),
        (POINTS, "slant", "points have: x, y, radius"),
    ],
)
def test_unknown_words_get_one_line(spec, text, message):
    with pytest.raises(UserError, match=message) as caught:
        attribute_named(spec, text)
    assert "\n" not in str(caught.value)
