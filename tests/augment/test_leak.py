"""An augmentation leaks where weights of modes cannot be recovered: an arrow and its turns."""

import pytest
import torch

from gan_lab.augment import Augment
from gan_lab.augment.geometry import Flip, QuarterTurn, Translation
from gan_lab.augment.leak import measure_leak

ARROW = torch.tensor([[0, 1, 0], [1, 1, 1], [0, 1, 0], [0, 1, 0], [0, 1, 0]]).float()
ARROW = torch.nn.functional.pad(ARROW, (1, 1))[None]
ARROWS = torch.stack([torch.rot90(ARROW, k, (1, 2)) for k in range(4)])
DRAWS = 4000


def turned(probability):
    return Augment({"turn": QuarterTurn()}, probability=probability)


@pytest.mark.parametrize("probability", [0.1, 0.4, 0.7])
def test_the_transitions_of_turns_are_known(probability, rng):
    leak = measure_leak(turned(probability), ARROWS, rng, draws=DRAWS)
    expected = (1 - probability) * torch.eye(4) + probability / 4
    error = (leak.transition - expected.double()).norm()
    assert float(error) < leak.error
    # Eigenvalues are 1 and, three times, 1 - p.
    assert abs(leak.smallest_singular_value - (1 - probability)) < leak.error
    assert not leak.leaks


def test_always_turning_leaks(rng):
    leak = measure_leak(turned(1.0), ARROWS, rng, draws=DRAWS)
    assert leak.leaks and leak.smallest_singular_value < leak.error < 0.2
    torch.testing.assert_close(leak.transition.sum(0), torch.ones(4, dtype=torch.float64))


def test_always_flipping_leaks_and_an_unseen_flip_does_not(rng):
    sideways = ARROWS[[1, 3]]
    assert measure_leak(Augment({"flip": Flip()}), sideways, rng, draws=DRAWS).leaks
    assert not measure_leak(Augment({"flip": Flip()}, 0.5), sideways, rng, draws=DRAWS).leaks
    upright = measure_leak(Augment({"flip": Flip()}), ARROWS[[0, 2]], rng, draws=DRAWS)
    assert not upright.leaks and upright.smallest_singular_value == 1.0


def test_always_shifting_by_less_than_the_modes_differ_does_not_leak(rng):
    modes = torch.zeros(3, 1, 1, 24)
    modes[0, ..., 4], modes[1, ..., 12], modes[2, ..., 20] = 1.0, 1.0, 1.0
    wide = torch.nn.functional.avg_pool1d(modes[:, 0], 7, 1, 3)[:, :, None]
    shift = Translation(ratio=0.05, fill=0.0)
    assert not measure_leak(Augment({"shift": shift}), wide, rng, draws=DRAWS).leaks


def population(weight, probability, n, rng):
    """Observed shares of the orientations of `n` augmented arrows, drawn with these weights."""
    index = torch.multinomial(weight, n, replacement=True, generator=rng)
    seen = turned(probability)(ARROWS[index], rng)
    return torch.stack([(seen == a).flatten(1).all(1).double().mean() for a in ARROWS])


@pytest.mark.parametrize("probability", [0.2, 0.5, 0.75])
def test_weights_are_recovered_below_one(probability, rng):
    weight = torch.tensor([0.7, 0.2, 0.1, 0.0], dtype=torch.float64)
    n = 40_000
    seen = population(weight, probability, n, rng)
    matrix = (1 - probability) * torch.eye(4).double() + probability / 4
    found = torch.linalg.solve(matrix, seen)
    # The inverse stretches the error of the shares, below 5 / sqrt(n), by at most 1 / (1 - p).
    assert float((found - weight).norm()) < 5 / (n**0.5 * (1 - probability))
    assert float((seen - weight).norm()) > 10 / n**0.5  # what is seen is not what is there


def test_different_weights_look_the_same_at_one(rng):
    n = 40_000
    weights = torch.tensor([[1.0, 0, 0, 0], [0, 0.5, 0, 0.5]], dtype=torch.float64)
    first, second = (population(w, 1.0, n, rng) for w in weights)
    assert float((first - second).norm()) < 5 * (2 / n) ** 0.5
    assert float((first - 0.25).norm()) < 5 / n**0.5
