import torch

from gan_lab.data.digits8 import Digits8


def test_levels_and_classes():
    data = Digits8()
    data.setup()
    assert len(data.train) + len(data.held_out) == 1797
    assert data.spec.shape == (1, 8, 8)
    units = data.spec.to_units(data.train.x)
    assert units.unique().tolist() == list(range(17))
    assert torch.equal(data.spec.from_units(units), data.train.x)
