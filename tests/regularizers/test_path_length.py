"""Path length of linear generators, where the Jacobian is known."""

import functools
import math

import pytest
import torch

from gan_lab.regularizers.path_length import PathLength, path_lengths


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def through(a, shape):
    """The linear generator of matrix `a`."""
    return lambda z: (z @ a.T).unflatten(1, shape)


def test_lengths_of_a_linear_generator(shape):
    size = math.prod(shape)
    a = torch.randn(size, 4, dtype=torch.float64)
    z = torch.randn(32, 4, dtype=torch.float64)
    y = torch.randn(32, *shape, generator=rng()).double().flatten(1)
    expected = (y @ a).norm(dim=1) / math.prod(shape[1:]) ** 0.5
    torch.testing.assert_close(path_lengths(through(a, shape), z, rng()), expected)


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_the_mean_of_an_isometry_is_that_of_a_chi_distribution(scale):
    # A^T A = s^2 I in d = 3 dimensions: |A^T y| = s * chi_3, whose mean is s * sqrt(8 / pi).
    a = scale * torch.linalg.qr(torch.randn(10, 3)).Q
    lengths = path_lengths(through(a, (10,)), torch.randn(4000, 3), rng())
    deviation = scale * (3 - 8 / math.pi) ** 0.5
    error = lengths.mean() - scale * (8 / math.pi) ** 0.5
    assert error.abs() < 4 * deviation / 4000**0.5


def test_the_length_does_not_depend_on_the_number_of_pixels():
    # A constant image of brightness z: y has variance 1 / p per pixel, whatever p.
    for size in (4, 32):
        paint = lambda z, n=size: z[:, :, None, None].expand(-1, -1, n, n)  # noqa: E731
        lengths = path_lengths(paint, torch.randn(4000, 1), rng())
        # |N(0, 1)| has mean sqrt(2 / pi) and variance 1 - 2 / pi.
        error = lengths.mean() - (2 / math.pi) ** 0.5
        assert error.abs() < 4 * ((1 - 2 / math.pi) / 4000) ** 0.5


def test_penalty_over_several_steps_by_hand():
    a = torch.randn(6, 3)
    penalty, seen = PathLength(decay=0.5), []
    for step in range(4):
        z = torch.randn(8, 3)
        lengths = path_lengths(through(a, (6,)), z, rng(step))
        value = penalty(generator=through(a, (6,)), z=z, rng=rng(step))
        seen.append(lengths.mean())
        mean = functools.reduce(lambda m, x: 0.5 * m + 0.5 * x, seen)
        torch.testing.assert_close(value, (lengths - mean).square())


def test_the_mean_is_a_constant_to_the_gradient():
    a = torch.randn(6, 3, requires_grad=True)
    z = torch.randn(8, 3)
    penalty = PathLength()
    value = penalty(generator=through(a, (6,)), z=z, rng=rng()).sum()
    (slope,) = torch.autograd.grad(value, a)
    y = torch.randn(8, 6, generator=rng())
    lengths = (y @ a.detach()).norm(dim=1)
    # d|A^T y| / dA = y (A^T y)^T / |A^T y|
    each = torch.einsum("bi,bj->bij", y, y @ a.detach()) / lengths.view(-1, 1, 1)
    expected = (2 * (lengths - lengths.mean()).view(-1, 1, 1) * each).sum(0)
    torch.testing.assert_close(slope, expected, rtol=1e-4, atol=1e-5)


def test_a_collapsed_generator_gives_finite_gradients():
    a = torch.zeros(6, 3, requires_grad=True)
    value = PathLength()(generator=through(a, (6,)), z=torch.randn(8, 3), rng=rng()).sum()
    (slope,) = torch.autograd.grad(value, a)
    assert slope.isfinite().all()


def test_a_restored_penalty_goes_on_where_it_was():
    generators = [through(torch.randn(6, 3), (6,)) for _ in range(6)]
    z = torch.randn(8, 3)
    penalty = PathLength(decay=0.7)
    for generator in generators[:3]:
        penalty(generator=generator, z=z, rng=rng())
    restored = PathLength(decay=0.7)
    restored.load_state_dict({k: v.clone() for k, v in penalty.state_dict().items()})
    for generator in generators[3:]:
        expected = penalty(generator=generator, z=z, rng=rng())
        assert torch.equal(restored(generator=generator, z=z, rng=rng()), expected)
