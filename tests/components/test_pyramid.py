from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gan_lab.components.pyramid import pyramid, stage_widths


@given(st.lists(st.integers(1, 600), min_size=1, max_size=2).map(tuple))
def test_sizes_double_up_to_the_data(size):
    sizes = pyramid(size)
    assert sizes[-1] == size
    for coarse, fine in pairwise(sizes):
        assert all(c == (f + 1) // 2 for c, f in zip(coarse, fine, strict=True))
    assert min(sizes[0]) < 8
    assert len(sizes) == 1 or min(sizes[0]) >= 4


def test_powers_of_two_start_at_four():
    assert pyramid((64,))[0] == (4,)
    assert len(pyramid((64, 64))) == 5


def test_widths_double_up_to_eight_times():
    assert stage_widths(3, 6) == [3, 6, 12, 24, 24, 24]
