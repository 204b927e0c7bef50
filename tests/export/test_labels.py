"""What a person types, and what a generator reads."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.export.labels import attribute_labels, class_labels

NAMES = ("cat", "dog", "7")


@pytest.mark.parametrize("given", [1, "dog"])
def test_one_class_for_all(given):
    assert class_labels(given, 3, NAMES).tolist() == [1, 1, 1]


@pytest.mark.parametrize("given", [[0, 2], ["cat", "7"], torch.tensor([0, 2])])
def test_one_class_each(given):
    assert class_labels(given, 2, NAMES).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("given", "told"),
    [(3, "0 to 2"), ("cow", "cat, dog, 7"), ([0], "1 labels for 2"), (0.5, "neither"),
     ([True, False], "does not exist")],
)  # fmt: skip
def test_a_wrong_class_is_told(given, told):
    with pytest.raises(UserError, match=told):
        class_labels(given, 2, NAMES)


@pytest.mark.parametrize("given", [[0.5, -1.0], [[0.5, -1.0]], torch.tensor([0.5, -1.0])])
def test_one_row_of_attributes_for_all(given):
    assert attribute_labels(given, 2, ("a", "b")).tolist() == [[0.5, -1.0]] * 2


def test_one_number_is_enough_for_one_attribute():
    assert attribute_labels(0.25, 3, ("a",)).tolist() == [[0.25]] * 3
    assert attribute_labels([[1.0], [2.0]], 2, ("a",)).tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize("given", [0.5, [1.0, 2.0, 3.0], [[1.0, 2.0]] * 3, "high"])
def test_wrong_attributes_are_told(given):
    with pytest.raises(UserError, match="label"):
        attribute_labels(given, 2, ("a", "b"))
