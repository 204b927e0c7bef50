import pytest
import torch

from gan_lab.data.mnist5k import MNIST5k


@pytest.fixture(scope="module")
def mnist():
    data = MNIST5k()
    data.setup()
    return data


def test_counts_and_range(mnist):
    assert mnist.train.x.shape == (4000, 1, 28, 28)
    assert mnist.train.label.bincount().tolist() == [400] * 10
    assert mnist.held_out.label.bincount().tolist() == [100] * 10
    assert mnist.train.x.min() == -1
    assert mnist.train.x.max() == 1
    assert mnist.spec.num_classes == 10


def test_original_units_are_the_pixels(mnist):
    pixels = mnist.spec.to_units(mnist.train.x)
    assert pixels.dtype == torch.uint8
    assert torch.equal(mnist.spec.from_units(pixels), mnist.train.x)


def test_no_held_out_digit_is_a_copy_of_a_training_digit(mnist):
    train = {row.numpy().tobytes() for row in mnist.train.x}
    assert not any(row.numpy().tobytes() in train for row in mnist.held_out.x)


def test_label_is_the_last_column(mnist):
    # Ones are thin: they carry the least ink of all digits.
    ink = [mnist.train.x[mnist.train.label == digit].mean().item() for digit in range(10)]
    assert min(range(10), key=ink.__getitem__) == 1
