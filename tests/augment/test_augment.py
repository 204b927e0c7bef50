"""The chain: probabilities, families, fusing; the fixed and the scheduled probability."""

import math

import pytest
import torch

from gan_lab.augment import Augment
from gan_lab.augment.chain import Chain
from gan_lab.augment.colour import Brightness, Contrast
from gan_lab.augment.cutout import Cutout
from gan_lab.augment.geometry import Drift, Flip, Rotation, Scale, Translation
from gan_lab.augment.noise import Noise
from gan_lab.augment.series import CropShift, MagnitudeWarp, Scaling, TimeWarp
from gan_lab.control import Control
from gan_lab.errors import UserError
from gan_lab.schedule import Linear
from gan_lab.types import Transform

ALL = {
    "blit": {"flip": Flip(), "translation": Translation()},
    "rotation": Rotation(),
    "colour": {"brightness": Brightness(), "contrast": Contrast()},
    "noise": Noise(),
    "cutout": Cutout(),
}
SERIES = {
    "scaling": Scaling(),
    "magnitude": MagnitudeWarp(),
    "time": TimeWarp(),
    "crop": CropShift(),
    "noise": Noise(),
}


def seeded():
    return torch.Generator().manual_seed(4)


@pytest.mark.parametrize(("transforms", "shape"), [(ALL, (3, 7, 6)), (SERIES, (2, 9))])
def test_probability_zero_is_the_identity(transforms, shape, rng):
    x = torch.randn(8, *shape)
    augment = Augment(transforms, probability=0.0)
    assert augment(x, rng).equal(x)
    assert isinstance(augment, Control) and isinstance(augment, Transform)


@pytest.mark.parametrize("transform", [Scale(), Rotation(fill=0.5), Brightness(), Noise()])
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_the_share_of_changed_samples_and_the_rest_bit_for_bit(transform, probability, rng):
    n = 2000
    x = torch.randn(n, 1, 4, 4)
    out = Augment({"it": transform}, probability=probability)(x, rng)
    changed = int((out != x).flatten(1).any(1).sum())
    # Five standard deviations of the binomial.
    bound = 5 * math.sqrt(n * probability * (1 - probability))
    assert abs(changed - n * probability) < bound


def test_transforms_are_chosen_independently(rng):
    n = 8000
    chain = Chain({"move": Drift(), "tint": Brightness()})
    x = torch.zeros(n, 1, 8, 8)
    x[:] = torch.randn(8, 8)
    out = chain(x, rng, 0.5)
    lightened = (out.mean((1, 2, 3)) - x.mean((1, 2, 3))).abs() > 1e-5
    moved = (out - out.mean((1, 2, 3), keepdim=True) - x + x.mean((1, 2, 3), keepdim=True)).abs()
    moved = moved.amax((1, 2, 3)) > 1e-4
    # Drift changes the mean too: rows that nothing moved were lightened half of the time.
    still = ~moved
    assert abs(int(still.sum()) - n / 2) < 5 * math.sqrt(n / 4)
    assert abs(int((lightened & still).sum()) - n / 4) < 5 * math.sqrt(n * 3 / 16)


def test_same_generator_same_draws_and_rows_differ():
    augment = Augment(ALL, probability=0.7)
    x = torch.randn(1, 3, 8, 8).expand(16, 3, 8, 8)
    first = augment(x, seeded())
    assert first.equal(augment(x, seeded()))
    assert len(torch.unique(first, dim=0)) > 1


def test_real_and_fake_of_one_generator_get_draws_of_their_own(rng):
    augment = Augment({"noise": Noise()})
    x = torch.zeros(2, 3)
    assert not augment(x, rng).equal(augment(x, rng))


def test_neighbouring_moves_are_resampled_once():
    chain = Chain({"first": Scale(), "second": Rotation(), "third": Contrast(), "last": Drift()})
    assert len(chain.transforms) == 4 and len(chain.stages) == 3
    assert len(Chain({"first": Scale(), "second": Scale(fill=0.0)}).stages) == 2


def test_a_fused_stage_applies_the_first_move_first():
    transforms = {"flip": Translation(ratio=0.4, fill=0.0), "turn": Rotation(fill=0.0)}
    x = torch.zeros(6, 1, 9, 9, dtype=torch.float64)
    x[:, :, 3:6, 4:6] = torch.randn(3, 2, dtype=torch.float64)
    fused = Chain(transforms)(x, seeded(), 1.0)
    rng = seeded()
    torch.rand(6, generator=rng)
    first = transforms["flip"].matrix(x, rng)
    torch.rand(6, generator=rng)
    second = transforms["turn"].matrix(x, rng)
    torch.testing.assert_close(fused, transforms["turn"].transform(x, second @ first))


def test_a_family_or_a_transform_can_be_left_out(rng):
    chain = Chain({**ALL, "blit": None, "colour": {"brightness": None, "contrast": Contrast()}})
    names = [type(t).__name__ for t in chain.transforms]
    assert names == ["Rotation", "Contrast", "Noise", "Cutout"]


def test_a_function_of_a_user_is_a_transform(rng):
    x = torch.randn(4, 2)
    assert Augment({"mine": lambda x, rng: 2 * x})(x, rng).equal(2 * x)


def test_what_is_no_transform_is_refused():
    with pytest.raises(UserError, match=r"augment.transforms.blit.flip is 3; expected a trans"):
        Augment({"blit": {"flip": 3}})


def test_autocast_changes_nothing(rng):
    x = torch.randn(4, 3, 8, 8)
    augment = Augment({**ALL, "noise": None})
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = augment(x, seeded())
    assert half.equal(augment(x, seeded()))


def test_a_chain_passes_gradcheck_twice():
    augment = Augment(ALL, probability=0.7)
    x = torch.randn(2, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: augment(x, seeded()), x)
    assert torch.autograd.gradgradcheck(lambda x: augment(x, seeded()), x, fast_mode=True)


def test_a_schedule_counts_images_and_survives_a_checkpoint():
    schedule = Linear(first=0.0, last=0.8, images=100.0)
    augment = Augment({"noise": Noise()}, probability=schedule)
    logits = torch.zeros(5)
    assert augment.probability == 0.0
    augment.update(real=logits, fake=logits, images=50)
    assert augment.probability == pytest.approx(0.4)
    other = Augment({"noise": Noise()}, probability=schedule)
    other.load_state_dict(augment.state_dict())
    assert other.probability == augment.probability


@pytest.mark.parametrize(
    ("probability", "message"),
    [
        *((1.5, "is 1.5; expected a number from 0 to 1"), (-0.1, "expected 0 or more")),
        (Linear(first=0.0, last=2.0, images=10.0), "is 2.0"),
        (Linear(first=0.0, last=0.5), "set its images"),
    ],
)
def test_a_wrong_probability_is_refused(probability, message):
    with pytest.raises(UserError, match=message):
        Augment({}, probability=probability)
