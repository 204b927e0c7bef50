import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lab.latent.path import great_circle, lerp, perpendicular

T = torch.linspace(0, 1, 11)


def test_great_circle_is_slerp_for_ends_of_equal_norm():
    a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    path = great_circle(a, b, torch.tensor([0.0, 1 / 3, 0.5, 1.0]))[0]
    expected = torch.tensor([[1, 0], [3**0.5 / 2, 0.5], [0.5**0.5, 0.5**0.5], [0, 1]])
    torch.testing.assert_close(path, expected)


@settings(max_examples=30, deadline=None)
@given(dim=st.integers(1, 40), seed=st.integers(0, 1000))
def test_both_paths_give_their_ends_bit_for_bit(dim, seed):
    rng = torch.Generator().manual_seed(seed)
    a, b = torch.randn(3, dim, generator=rng), torch.randn(3, dim, generator=rng)
    for path in (lerp(a, b, T), great_circle(a, b, T)):
        assert torch.equal(path[:, 0], a)
        assert torch.equal(path[:, -1], b)


@settings(max_examples=30, deadline=None)
@given(dim=st.integers(2, 40), seed=st.integers(0, 1000))
def test_great_circle_radius_is_linear(dim, seed):
    rng = torch.Generator().manual_seed(seed)
    a, b = torch.randn(3, dim, generator=rng), torch.randn(3, dim, generator=rng)
    radius = great_circle(a, b, T).norm(dim=2)
    expected = (1 - T) * a.norm(dim=1)[:, None] + T * b.norm(dim=1)[:, None]
    torch.testing.assert_close(radius, expected, rtol=1e-5, atol=1e-6)


def test_great_circle_turns_at_constant_speed():
    a, b = torch.randn(1, 8).double(), torch.randn(1, 8).double()
    path = torch.nn.functional.normalize(great_circle(a, b, T.double())[0], dim=1)
    steps = (path[:-1] * path[1:]).sum(1).acos()
    torch.testing.assert_close(steps, steps[:1].expand(10), rtol=1e-5, atol=0)


def test_opposite_ends_keep_the_radius():
    a = torch.randn(4, 5)
    radius = great_circle(a, -a, T).norm(dim=2)
    torch.testing.assert_close(radius, a.norm(dim=1)[:, None].expand(4, 11))


def test_parallel_ends_give_a_straight_line():
    a = torch.randn(4, 5)
    torch.testing.assert_close(great_circle(a, 3 * a, T), lerp(a, 3 * a, T))


def test_zero_ends_take_the_direction_of_the_other():
    a, zero = torch.randn(2, 5), torch.zeros(2, 5)
    torch.testing.assert_close(great_circle(zero, a, T), lerp(zero, a, T))
    torch.testing.assert_close(great_circle(a, zero, T), lerp(a, zero, T))
    assert torch.equal(great_circle(zero, zero, T), torch.zeros(2, 11, 5))


def test_one_dimension_passes_the_origin():
    path = great_circle(torch.ones(1, 1), -torch.ones(1, 1), torch.tensor([0.0, 0.5, 1.0]))
    torch.testing.assert_close(path.flatten(), torch.tensor([1.0, 0.0, -1.0]))


def test_perpendicular_is_a_unit_vector_at_a_right_angle():
    u = torch.nn.functional.normalize(torch.randn(6, 3).double(), dim=1)
    w = perpendicular(u)
    torch.testing.assert_close((u * w).sum(1), torch.zeros(6).double())
    torch.testing.assert_close(w.norm(dim=1), torch.ones(6).double())
