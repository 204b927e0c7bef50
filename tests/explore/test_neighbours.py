import pytest
import torch

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.explore.neighbours import Beside, RealRows
from gan_lab.metrics.neighbours import Neighbours
from gan_lab.spec import DataSpec

SPEC = DataSpec("rows", "series", 2, (5,))


def rows(n, seed):
    return torch.randn(n, 2, 5, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def real():
    return RealRows(Samples(rows(400, 0), None, SPEC), Samples(rows(100, 1), None, SPEC))


def test_finds_what_brute_force_finds(real):
    for x in rows(20, 2):
        found = real.beside(x[None], k=3)
        for part, neighbours in ((real.train, found.train), (real.held_out, found.held_out)):
            distance = (part.x - x).double().flatten(1).norm(dim=1)
            nearest = distance.topk(3, largest=False)
            assert torch.equal(neighbours.index[0], nearest.indices)
            assert neighbours.distance[0].tolist() == pytest.approx(
                nearest.values.tolist(), abs=1e-6
            )


def test_exact_far_from_the_origin():
    # A matrix product alone loses all digits here.
    train = 1e4 + 1e-3 * rows(50, 3)
    real = RealRows(Samples(train, None, SPEC), Samples(train + 1, None, SPEC))
    found = real.beside(train[7:8])
    assert found.train.index.item() == 7
    assert found.train.distance.item() == 0


def test_percentile_is_the_rank_among_held_out_rows(real):
    usual = torch.cdist(real.held_out.x.flatten(1), real.train.x.flatten(1)).amin(1)
    for distance in (0.0, 1.2, 2.0, 9.0):
        share = 100 * (usual < distance).float().mean().item()
        assert real.percentile(distance) == pytest.approx(share, abs=1e-4)


def test_a_copy_is_called_one_and_a_held_out_row_is_not(real):
    copy = real.beside(real.train.x[5:6])
    assert copy.suspicious
    assert copy.sentence.startswith("This may be a copy")
    calls = [real.beside(x[None]).suspicious for x in rows(200, 4)]
    assert sum(calls) / 200 < 0.05


def test_sentence_says_what_is_usual():
    some = Neighbours(torch.ones(1, 1), torch.zeros(1, 1, dtype=torch.long))
    near, usual, far = (Beside(some, some, p, 359).sentence for p in (0.2, 29.3, 99.9))
    assert "nearer to a training row than 99 % of the 359" in near
    assert usual == (
        "No sign of a copy: 29 % of the 359 held-out rows lie nearer to a training row than this "
        "sample does."
    )
    assert "unlike the data" in far


def test_few_controls_are_drawn_with_the_seed():
    train, held_out = Samples(rows(50, 0), None, SPEC), Samples(rows(40, 1), None, SPEC)
    first, again = (RealRows(train, held_out, most=7, seed=2).usual for _ in range(2))
    assert len(first) == 7
    assert torch.equal(first, again)


def test_refuses_what_has_no_neighbours(real):
    with pytest.raises(UserError, match="not finite"):
        real.beside(torch.full((1, 2, 5), torch.nan))
    with pytest.raises(UserError, match="400 rows"):
        real.beside(rows(1, 0), k=401)
    with pytest.raises(UserError, match="hold a part out"):
        RealRows(Samples(rows(3, 0), None, SPEC), Samples(rows(3, 0)[:0], None, SPEC))
