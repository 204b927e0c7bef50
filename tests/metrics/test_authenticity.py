import pytest
import torch

from gan_lab.metrics.authenticity import authenticity


def test_each_sample_is_held_against_its_own_training_row():
    """Spacings 1, 9 and 10: a sample 5 away is authentic at the dense end alone."""
    train = torch.tensor([[0.0], [1.0], [10.0], [20.0]])
    fake = torch.tensor([[-5.0], [25.0], [0.4], [20.0]])
    assert authenticity(train=train, fake=fake).authentic.tolist() == [True, False, False, False]


def test_copies_of_one_row_are_not_authentic():
    """Comparing with the radius of row j instead of row i(j) calls most of these authentic."""
    train = torch.randn(200, 5)
    fake = train[:1] + 1e-3 * torch.randn(500, 5)
    assert authenticity(train=train, fake=fake).share == 0.0


def test_mixed_samples_are_counted():
    train = torch.randn(200, 5)
    fake = torch.cat([train[:30], train[:10] + 50])
    assert authenticity(train=train, fake=fake).share == pytest.approx(0.25)


@pytest.mark.parametrize(("d", "share"), [(1, 1 / 3), (2, 0.3785), (3, 11 / 27)])
def test_a_fresh_sample_is_authentic_unless_it_and_its_row_are_mutual_neighbours(d, share):
    """In a homogeneous cloud: 1 - ball / union of two balls through each other's centres."""
    shares = [
        authenticity(train=torch.rand(2000, d), fake=torch.rand(400, d) * 0.8 + 0.1).share
        for _ in range(5)
    ]
    assert sum(shares) / 5 == pytest.approx(share, abs=4 * (0.25 / 2000) ** 0.5)
