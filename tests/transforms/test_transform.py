import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.transforms import Fitted, FittedAffine, Log, RankGaussian, Standard


def test_dictionary_is_plain_and_names_its_class():
    fitted = Standard().fit(torch.tensor([[1.0], [3.0]]))
    assert fitted.to_dict() == {
        "_target_": "gan_lab.transforms.affine.FittedAffine",
        "shift": [2.0],
        "scale": [1.0],
    }


@pytest.mark.parametrize(
    "target",
    [
        None,
        "os.system",
        "gan_lab.transforms.affine.Standard",
        "gan_lab.transforms.affine.math",
        "gan_lab.transforms.affine.Nothing",
        "gan_lab.transforms.nothing.Fitted",
        "gan_lab.transforms_evil.Fitted",
    ],
)
def test_only_own_transforms_are_built(target):
    with pytest.raises(UserError, match="is not a fitted transform"):
        Fitted.from_dict({"_target_": target})


def test_wrong_keys_are_told():
    target = "gan_lab.transforms.affine.FittedAffine"
    with pytest.raises(UserError, match="not a fitted transform: "):
        Fitted.from_dict({"_target_": target, "shift": [0.0], "scales": [1.0]})


def test_damaged_numbers_are_told():
    with pytest.raises(UserError, match="positive"):
        FittedAffine((0.0,), (0.0,))
    with pytest.raises(UserError, match="2 shifts"):
        FittedAffine((0.0, 1.0), (1.0,))


@pytest.mark.parametrize("transform", [Standard(), RankGaussian(), Log()])
def test_channels_are_checked(transform):
    fitted = transform.fit(torch.ones(3, 2))
    for move in (fitted.forward, fitted.inverse):
        with pytest.raises(UserError, match="3 channels; the transform was fitted to 2"):
            move(torch.ones(4, 3))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_missing_values_name_column_and_row(value):
    x = torch.ones(5, 2)
    x[3, 1] = value
    with pytest.raises(UserError, match=f"column price, row 3 is {value}; expected a finite"):
        Standard().fit(x, names=("volume", "price"))
    with pytest.raises(UserError, match="column 1, row 3"):
        Standard().fit(x)


def test_an_empty_table_is_refused():
    with pytest.raises(UserError, match="0 rows"):
        Standard().fit(torch.ones(0, 2))
