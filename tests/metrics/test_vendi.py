import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.vendi import vendi_score


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_groups_at_right_angles_count_by_the_entropy_of_their_shares(counts):
    x = torch.eye(8).repeat_interleave(torch.tensor(counts + [0] * (8 - len(counts))), dim=0)
    share = torch.tensor(counts).double() / sum(counts)
    expected = float(torch.special.entr(share).sum().exp())
    assert vendi_score(x) == pytest.approx(expected, rel=1e-9)


def test_length_order_and_rotation_do_not_matter():
    x = torch.randn(40, 6).double()
    turn = torch.linalg.qr(torch.randn(6, 6).double()).Q
    moved = (x * torch.rand(40, 1).add(0.1))[torch.randperm(40)] @ turn
    assert vendi_score(moved) == pytest.approx(vendi_score(x), rel=1e-9)


def test_the_dual_form_agrees_with_the_similarity_matrix():
    x = torch.randn(50, 4).double()
    padded = torch.cat([x, torch.zeros(50, 60).double()], dim=1)  # now d > n
    assert vendi_score(padded) == pytest.approx(vendi_score(x), rel=1e-6)


def test_it_equals_the_package_of_the_authors():
    reference = pytest.importorskip("vendi_score.vendi")
    x = torch.randn(60, 8).double()
    expected = reference.score_dual(x.numpy(), normalize=True)
    assert vendi_score(x) == pytest.approx(float(expected), rel=1e-6)


def test_a_row_without_direction_is_named():
    x = torch.ones(4, 2)
    x[2] = 0
    with pytest.raises(UserError, match="row 2"):
        vendi_score(x)
