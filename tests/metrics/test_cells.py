import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.cells import cell_centres, cell_of


def test_clear_clusters_become_cells():
    truth = torch.arange(6).repeat(50)
    x = torch.eye(6)[truth] * 20 + torch.randn(300, 6)
    centres = cell_centres(x, 6, rng=torch.Generator().manual_seed(0))
    label = cell_of(x, centres)
    assert len({(int(a), int(b)) for a, b in zip(truth, label, strict=True)}) == 6


def test_every_centre_is_the_mean_of_its_rows_at_the_end():
    x = torch.randn(200, 3).double()
    centres = cell_centres(x, 5, rounds=200, rng=torch.Generator().manual_seed(0))
    label = cell_of(x, centres)
    for cell in range(5):
        torch.testing.assert_close(x[label == cell].mean(dim=0), centres[cell])


def test_more_cells_than_different_rows_still_give_centres():
    centres = cell_centres(torch.ones(10, 2), 4, rng=torch.Generator().manual_seed(0))
    assert centres.tolist() == [[1.0, 1.0]] * 4


def test_the_same_seed_gives_the_same_cells():
    x = torch.randn(100, 3)
    one, two = (cell_centres(x, 7, rng=torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(one, two)


def test_more_cells_than_rows_are_refused():
    with pytest.raises(UserError, match="4 asked for 3 rows"):
        cell_centres(torch.zeros(3, 1), 4)
