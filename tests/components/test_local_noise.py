import pytest
import torch

from gan_lab.components.local_noise import LatentSplit
from gan_lab.errors import UserError


def test_enough_coordinates_are_used_once_each():
    split = LatentSplit(20, local=2, steps=6)
    z = torch.arange(40.0).view(2, 20)
    assert split.shared == 8
    assert torch.equal(split.shared_part(z), z[:, :8])
    noise = split.noise(z)
    assert noise.shape == (2, 2, 6)
    assert noise[0, :, 0].tolist() == [8, 9]
    assert sorted(noise[0].flatten().tolist()) == list(range(8, 20))


def test_one_local_coordinate_moves_one_step():
    split = LatentSplit(20, local=2, steps=6)
    z = torch.randn(1, 20)
    moved = z.clone()
    moved[0, 8 + 2 * 4] += 1
    changed = (split.noise(moved) != split.noise(z)).any(1)[0]
    assert changed.nonzero().flatten().tolist() == [4]


def test_too_few_coordinates_are_spread_with_unit_variance():
    split = LatentSplit(16, local=3, steps=40)
    assert split.shared == 4
    noise = split.noise(torch.randn(20_000, 16))
    # The standard error of a variance is sqrt(2 / n) = .01; 120 of them lie within 5 of these.
    torch.testing.assert_close(noise.var(0), torch.ones(3, 40), rtol=0, atol=0.05)
    assert torch.linalg.matrix_rank(noise[:50].flatten(1)) == 12


def test_spread_is_the_same_for_every_network_and_saved_with_it():
    first, second = (LatentSplit(8, local=1, steps=20) for _ in range(2))
    assert torch.equal(first.spread, second.spread)
    assert "spread" in first.state_dict()
    assert "spread" not in LatentSplit(80, local=1, steps=20).state_dict()


def test_without_local_noise_all_is_global():
    split = LatentSplit(5, local=0, steps=7)
    z = torch.randn(2, 5)
    assert torch.equal(split.shared_part(z), z)
    assert split.noise(z).shape == (2, 0, 7)


def test_all_may_be_local():
    split = LatentSplit(12, local=2, steps=6, with_global=False)
    z = torch.randn(2, 12)
    assert split.shared_part(z).shape == (2, 0)
    assert torch.equal(split.noise(z).transpose(1, 2).flatten(1), z)
    # Coordinates that no step could take for its own are mixed in.
    assert LatentSplit(15, local=2, steps=6, with_global=False).spread.shape == (12, 15)


def test_a_single_coordinate_cannot_be_split():
    with pytest.raises(UserError, match=r"latent\.dim is 1"):
        LatentSplit(1, local=1, steps=3)
