import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.model.classifier import distorted, fit_classifier
from gan_lab.spec import DataSpec


def test_it_learns_digits_and_is_the_same_twice():
    data = Digits8()
    data.setup()
    first, second = (fit_classifier(data.train, data.held_out, epochs=5, width=16) for _ in "ab")
    assert first.accuracy > 0.9
    assert first.held_out == len(data.held_out)
    x = data.held_out.x[:50]
    assert torch.equal(first.probabilities(x), second.probabilities(x))
    torch.testing.assert_close(first.probabilities(x).sum(1), torch.ones(50))


def test_distortion_is_small_and_differs_between_images():
    axis = torch.linspace(-1, 1, 28)
    blob = torch.exp(-8 * (axis[:, None] ** 2 + axis[None] ** 2)).expand(200, 1, 28, 28)
    moved = distorted(blob, torch.Generator().manual_seed(0))
    assert moved.shape == blob.shape
    centre = (moved * axis).sum((1, 2, 3)) / moved.sum((1, 2, 3))
    assert 0.03 < centre.std() < 0.1
    assert centre.abs().max() < 0.13
    mass = moved.sum((1, 2, 3)) / blob.sum((1, 2, 3))
    assert mass.min() > 0.7
    assert mass.max() < 1.4


def test_series_and_points_are_left_alone():
    for x in (torch.randn(3, 2), torch.randn(3, 2, 9)):
        assert distorted(x, torch.Generator()) is x


def test_rows_without_labels_are_refused():
    rows = Samples(torch.zeros(4, 2), None, DataSpec("p", "points", 2))
    with pytest.raises(UserError, match="no labels"):
        fit_classifier(rows, rows)
