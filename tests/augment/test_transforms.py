"""What holds for every transform: shape, dtype, draws, derivatives, identity at no strength."""

import pytest
import torch

from gan_lab.augment import Augment
from gan_lab.augment.colour import Brightness, Contrast, Hue, LumaFlip, Saturation
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
)
from gan_lab.augment.noise import Noise
from gan_lab.augment.series import CropShift, MagnitudeWarp, Scaling, TimeWarp
from gan_lab.errors import UserError
from gan_lab.types import Transform

MOVES = [
    Flip(),
    QuarterTurn(),
    Translation(ratio=0.4),
    Drift(),
    Scale(),
    Rotation(),
    Stretch(),
    Rotation(fill=-1.0),
    Translation(ratio=0.4, fill=0.0),
]
COLOURS = [Brightness(), Contrast(), LumaFlip(), Hue(), Saturation(), ColourJitter()]
IMAGES = [*MOVES, *COLOURS, Cutout(), Noise(varied=True)]
SERIES = [Scaling(), MagnitudeWarp(), TimeWarp(), CropShift(ratio=0.4), Noise()]
STILL = [
    *(Translation(ratio=0.0), Drift(std=0.0), Scale(std=0.0), Stretch(std=0.0)),
    *(Rotation(degrees=0.0), Rotation(degrees=0.0, fill=0.5)),
    *(Brightness(std=0.0), Contrast(std=0.0), Saturation(std=0.0), Cutout(ratio=0.0)),
    ColourJitter(brightness=0.0, saturation=0.0, contrast=0.0),
    *(Scaling(std=0.0), MagnitudeWarp(std=0.0), TimeWarp(std=0.0), CropShift(ratio=0.0)),
    Noise(std=0.0),
]
CASES = [
    *((t, s) for t in IMAGES for s in [(1, 4, 3), (3, 6, 6), (3, 1, 2)]),
    *((t, s) for t in SERIES for s in [(1, 9), (4, 6), (2, 1)]),
    *((Noise(), (2,)), (Noise(varied=True), (1,))),
]


@pytest.mark.parametrize(("transform", "shape"), CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_shape_and_dtype_are_kept_and_draws_follow_the_generator(transform, shape, dtype):
    assert isinstance(transform, Transform)
    x = torch.randn(4, *shape).to(dtype)
    first, second = (transform(x, torch.Generator().manual_seed(3)) for _ in range(2))
    assert first.shape == x.shape and first.dtype == dtype
    assert first.isfinite().all()
    assert first.equal(second)


@pytest.mark.parametrize(("transform", "shape"), [c for c in CASES if c[1] in ((3, 6, 6), (4, 6))])
def test_equal_rows_come_out_different(transform, shape, rng):
    # The rarest draw is one of two: 64 equal ones have probability 2^-63.
    out = transform(torch.randn(1, *shape).expand(64, *shape), rng)
    assert not out.eq(out[:1]).all()
    assert torch.unique(out, dim=0).shape[0] >= 2


@pytest.mark.parametrize(
    ("transform", "shape"), [c for c in CASES if c[1] not in ((3, 6, 6), (4, 6))]
)
def test_derivatives_are_right(transform, shape):
    x = torch.randn(2, *shape, dtype=torch.float64, requires_grad=True)

    def fixed(x):
        return transform(x, torch.Generator().manual_seed(5))

    assert torch.autograd.gradcheck(fixed, x)
    assert torch.autograd.gradgradcheck(fixed, x)


@pytest.mark.parametrize("transform", IMAGES)
def test_a_gradient_penalty_goes_through(transform):
    weight = torch.randn(3, 6, 6, dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 3, 6, 6, dtype=torch.float64, requires_grad=True)
    view = transform(x, torch.Generator().manual_seed(5))
    (gradient,) = torch.autograd.grad((view * weight).square().sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert weight.grad.isfinite().all() and weight.grad.ne(0).any()


@pytest.mark.parametrize("transform", STILL)
def test_no_strength_is_the_identity_bit_for_bit(transform, rng):
    one_axis = isinstance(transform, Scaling | MagnitudeWarp | TimeWarp | CropShift)
    x = torch.randn(5, 3, 7) if one_axis else torch.randn(5, 3, 7, 4)
    if isinstance(transform, Saturation | Contrast):  # v v' + (I - v v') rounds
        torch.testing.assert_close(transform(x, rng), x, rtol=0, atol=1e-6)
    else:
        assert transform(x, rng).equal(x)


@pytest.mark.parametrize("transform", IMAGES[:-1])
def test_images_only(transform, rng):
    name = type(transform).__name__
    with pytest.raises(UserError, match=rf"{name} changes images.*series.*\(2, 3, 8\)"):
        Augment({"it": transform})(torch.zeros(2, 3, 8), rng)
    with pytest.raises(UserError, match=rf"{name} changes images.*points"):
        Augment({"it": transform})(torch.zeros(2, 3), rng)


@pytest.mark.parametrize("transform", SERIES[:-1])
def test_series_only(transform, rng):
    with pytest.raises(UserError, match=rf"{type(transform).__name__} changes series.*images"):
        Augment({"it": transform})(torch.zeros(2, 3, 8, 8), rng)


@pytest.mark.parametrize(
    "make",
    [
        *(lambda: Translation(ratio=1.5), lambda: Rotation(degrees=-1.0)),
        *(lambda: Cutout(ratio=-0.1), lambda: CropShift(ratio=2.0)),
        *(lambda: ColourJitter(contrast=2.0), lambda: Noise(std=-1.0)),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    with pytest.raises(UserError, match=r"augment: \w+\.\w+ is .*expected a number from"):
        make()
