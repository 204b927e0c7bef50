import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.model.classifier import fit_classifier, shifted
from gan_lab.spec import DataSpec


def test_it_learns_digits_and_is_the_same_twice():
    data = Digits8()
    data.setup()
    first, second = (fit_classifier(data.train, data.held_out, epochs=4, width=8) for _ in "ab")
    assert first.accuracy > 0.9
    assert first.held_out == len(data.held_out)
    x = data.held_out.x[:50]
    assert torch.equal(first.probabilities(x), second.probabilities(x))
    torch.testing.assert_close(first.probabilities(x).sum(1), torch.ones(50))


def test_shift_moves_the_content():
    x = torch.zeros(2, 1, 5, 5)
    x[:, :, 2, 2] = 1
    places = set()
    for seed in range(50):
        moved = shifted(x, 1, torch.Generator().manual_seed(seed))
        assert moved.shape == x.shape
        assert moved.sum() == 2
        places.add(int(moved[0].flatten().argmax()))
    assert places == {row * 5 + column for row in (1, 2, 3) for column in (1, 2, 3)}


def test_rows_without_labels_are_refused():
    rows = Samples(torch.zeros(4, 2), None, DataSpec("p", "points", 2))
    with pytest.raises(UserError, match="no labels"):
        fit_classifier(rows, rows)
