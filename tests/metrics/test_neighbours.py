import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.neighbours import closer_blocks, nearest, radii


def brute(x, y):
    return (x.double()[:, None] - y.double()[None]).square().sum(-1).sqrt()


@given(
    n=st.integers(1, 30),
    m=st.integers(4, 40),
    d=st.integers(1, 6),
    offset=st.sampled_from([0.0, 1e4]),
    block=st.sampled_from([1, 7, 1024]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_it_finds_what_an_exhaustive_search_finds(n, m, d, offset, block, seed):
    rng = torch.Generator().manual_seed(seed)
    x, y = (torch.randn(k, d, generator=rng) + offset for k in (n, m))
    found = nearest(x, y, k=3, block=block)
    expected = brute(x, y).topk(3, largest=False).values
    torch.testing.assert_close(found.distance, expected, rtol=1e-6, atol=0.0)
    torch.testing.assert_close(
        brute(x, y).gather(1, found.index), found.distance, rtol=1e-6, atol=0.0
    )


def test_a_collapsed_cloud_far_from_the_centre_keeps_its_order():
    """Distances of 1e-4 at norms of 100: a product in float32 alone cannot tell them apart."""
    spread = torch.randn(60, 8) * 1e-4
    x = torch.cat([spread + 100, torch.randn(60, 8) - 100])
    found = nearest(x, x, k=5, skip=torch.arange(120))
    distances = brute(x, x).fill_diagonal_(torch.inf)
    expected = distances.topk(5, largest=False).values
    torch.testing.assert_close(found.distance, expected, rtol=1e-6, atol=0.0)


def test_a_copy_is_at_distance_zero():
    y = torch.randn(300, 50) * 1000
    found = nearest(y[[7, 200]], y)
    assert found.distance[:, 0].tolist() == [0.0, 0.0]
    assert found.index[:, 0].tolist() == [7, 200]


def test_a_radius_leaves_out_the_row_itself_but_not_its_twin():
    x = torch.tensor([[0.0], [0.0], [2.0], [5.0]])
    assert radii(x, 1).tolist() == [0.0, 0.0, 2.0, 3.0]
    assert radii(x, 2).tolist() == [2.0, 2.0, 2.0, 5.0]


def test_pairs_at_exactly_the_radius_are_not_closer():
    """The k-th neighbour lies on the ball: rounding must not let it in."""
    x = torch.randn(80, 12) + 50
    radius = radii(x, 3)
    inside = torch.cat([a for a, _ in closer_blocks(x, x, x_radius=radius, y_radius=radius)])
    assert inside.sum(dim=1).tolist() == [3] * 80  # itself and two neighbours


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_both_sides_of_closer_blocks_match_all_distances(dtype):
    x, y = torch.randn(70, 4, dtype=dtype), torch.randn(50, 4, dtype=dtype)
    a, b = radii(x, 2), radii(y, 2)
    blocks = list(closer_blocks(x, y, x_radius=a, y_radius=b, block=16))
    assert torch.equal(torch.cat([left for left, _ in blocks]), brute(x, y) < a[:, None])
    assert torch.equal(torch.cat([right for _, right in blocks]), brute(x, y) < b[None])


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_values_that_are_no_numbers_are_refused(bad):
    x = torch.zeros(5, 2)
    x[3, 1] = bad
    with pytest.raises(UserError, match="NaN or infinite"):
        nearest(x, torch.zeros(5, 2))


def test_more_neighbours_than_rows_are_refused():
    with pytest.raises(UserError, match="neighbour 3 of 2"):
        radii(torch.zeros(3, 2), 3)


@given(n=st.integers(3, 60), d=st.integers(1, 5), block=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_radii_over_blocks_are_those_of_a_search_without_the_row_itself(n, d, block):
    # Whole numbers make ties and twins.
    x = torch.randint(-3, 4, (n, d), generator=torch.Generator().manual_seed(n)).float()
    for k in (1, 2):
        expected = brute(x, x).fill_diagonal_(torch.inf).topk(k, largest=False).values[:, -1]
        torch.testing.assert_close(radii(x, k, block=block), expected, rtol=1e-6, atol=0.0)
