"""What holds for every penalty: its form, its gradient, its independence, its precision."""

import copy
import functools

import jaxtyping
import pytest
import torch

from gan_lab.regularizers.consistency import (
    consistency_fake,
    consistency_real,
    latent_consistency,
    latent_diversity,
)
from gan_lab.regularizers.feature_matching import feature_matching
from gan_lab.regularizers.gradient import dragan, gradient_penalty, r1, r2
from gan_lab.regularizers.lecam import LeCam
from gan_lab.regularizers.mode_seeking import mode_seeking
from gan_lab.regularizers.path_length import PathLength
from gan_lab.regularizers.running_mean import RunningMean
from gan_lab.regularizers.weights import orthogonal


def jitter(x, rng):
    return x * (1 + 0.3 * torch.randn(len(x), *[1] * (x.ndim - 1), generator=rng).to(x))


PENALTIES = {
    "r1": (r1, "critic"),
    "r2": (r2, "critic"),
    "gradient_penalty": (gradient_penalty, "critic"),
    "one_sided": (functools.partial(gradient_penalty, one_sided=True, target=0.1), "critic"),
    "dragan": (dragan, "critic"),
    "lecam": (LeCam(), "critic"),
    "cr": (functools.partial(consistency_real, transform=jitter), "critic"),
    "cr_fake": (functools.partial(consistency_fake, transform=jitter), "critic"),
    "zcr": (latent_consistency, "critic"),
    "orthogonal_critic": (orthogonal, "critic"),
    "zcr_generator": (latent_diversity, "generator"),
    "path_length": (PathLength(), "generator"),
    "mode_seeking": (mode_seeking, "generator"),
    "feature_matching": (feature_matching, "generator"),
    "orthogonal_generator": (orthogonal, "generator"),
}
GRADIENT = ("r1", "r2", "gradient_penalty", "one_sided", "dragan", "path_length")
EACH = pytest.mark.parametrize("name", PENALTIES)


def fresh():
    return torch.Generator().manual_seed(0)


def value(name, game, **changes):
    """The penalty as the step of a GAN would call it, in its first state."""
    penalty, side = PENALTIES[name]
    return copy.deepcopy(penalty)(**{**vars(game.turn(side)), **changes})


@EACH
@pytest.mark.parametrize("batch", [2, 64])
def test_one_finite_value_per_sample(name, batch, shape, make_game):
    penalty = value(name, make_game(shape, batch))
    assert penalty.shape == (batch,)
    assert penalty.isfinite().all()
    assert penalty.abs().max() > 0


def settled(penalty):
    """A penalty whose running means no longer move: their motion is no part of its gradient."""
    penalty = copy.deepcopy(penalty)
    for module in penalty.modules() if isinstance(penalty, torch.nn.Module) else ():
        if isinstance(module, RunningMean):
            module.decay = 1 - 1e-12
            module.load_state_dict({"value": torch.tensor(0.4), "count": torch.tensor(10**12)})
    return penalty


@EACH
def test_the_gradient_is_that_of_finite_differences(name, shape, make_game):
    game = make_game(shape, 5, torch.float64)
    penalty, side = PENALTIES[name]
    parameters = list(game.network(side).parameters())
    weights = torch.linspace(-1, 2, 5).double()

    def total():
        return (settled(penalty)(**vars(game.turn(side))) * weights).sum()

    slopes = torch.autograd.grad(total(), parameters, allow_unused=True)
    directions = [torch.randn_like(p) for p in parameters]
    pairs = zip(slopes, directions, strict=True)
    expected = sum((s * d).sum() for s, d in pairs if s is not None)
    ends = []
    for step in (1e-6, -2e-6):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p += step * d
        ends.append(total().detach())
    torch.testing.assert_close((ends[0] - ends[1]) / 2e-6, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["r1", "r2", "gradient_penalty", "one_sided", "cr", "cr_fake"])
def test_a_samples_penalty_is_its_own_affair(name, shape, make_game):
    game = make_game(shape, 8)
    before = value(name, game)
    game.real[3] += 1.0
    game.z[3] += 1.0
    after = value(name, game)
    assert after[3] != before[3]
    others = [0, 1, 2, 4, 5, 6, 7]
    torch.testing.assert_close(after[others], before[others], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "touched"), [("zcr", [3]), ("zcr_generator", [3]), ("mode_seeking", [3, 4])]
)
def test_a_latents_penalty_is_its_own_affair(name, touched, shape, make_game):
    game = make_game(shape, 8)
    before = value(name, game)
    game.z[3] += 1.0
    after = value(name, game)
    others = [k for k in range(8) if k not in touched]
    assert (after[touched] != before[touched]).all()
    torch.testing.assert_close(after[others], before[others], rtol=1e-5, atol=1e-7)


@EACH
def test_float32_under_autocast(name, shape, make_game):
    game = make_game(shape, 16)
    _, side = PENALTIES[name]
    plain = value(name, game)
    turn = vars(game.turn(side))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        same = copy.deepcopy(PENALTIES[name][0])(**{**turn, "rng": fresh()})
        mixed = value(name, game)
    assert mixed.dtype == same.dtype == torch.float32
    if name in GRADIENT or "orthogonal" in name:
        torch.testing.assert_close(same, plain)
    # bfloat16 has 8 bits: logits, features and samples of order 1 are off by up to some 2^-7 each.
    torch.testing.assert_close(mixed, plain, rtol=0.1, atol=0.03)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("r1", {"real": torch.randn(6)}),
        ("r2", {"fake": torch.randn(6)}),
        ("gradient_penalty", {"fake": torch.randn(5, 3, 8)}),
        ("gradient_penalty", {"fake": torch.randn(6, 1, 8)}),
        ("dragan", {"real": torch.randn(6)}),
        ("lecam", {"fake_logit": torch.randn(6, 1)}),
        ("cr", {"real_logit": torch.randn(6, 1)}),
        ("cr_fake", {"fake_logit": torch.randn(5)}),
        ("zcr", {"fake_logit": torch.randn(6, 1)}),
        ("zcr_generator", {"z": torch.randn(6)}),
        ("path_length", {"z": torch.randn(6)}),
        ("mode_seeking", {"z": torch.randn(6)}),
        ("feature_matching", {"fake": torch.randn(6, 1, 8)}),
    ],
)
def test_wrong_shapes_are_refused(name, wrong, make_game):
    with pytest.raises(jaxtyping.TypeCheckError):
        value(name, make_game(), **wrong)


@EACH
def test_what_a_penalty_needs_is_keyword_only(name, make_game):
    penalty, side = PENALTIES[name]
    with pytest.raises((TypeError, jaxtyping.TypeCheckError)):
        copy.deepcopy(penalty)(*vars(make_game().turn(side)).values())
