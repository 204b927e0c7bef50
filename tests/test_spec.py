"""Transforms inside the description of the data: units there and back, through JSON."""

import json
from dataclasses import replace

import pytest
import torch

from gan_lab.calendar import Calendar
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.transforms import Composition, Difference, Standard, log_return

LEVELS = torch.tensor([[100.0, 1.0], [110.0, 2.0], [99.0, 4.0]], dtype=torch.float64)


@pytest.fixture
def spec():
    return DataSpec(
        "t",
        "series",
        channels=2,
        spatial=(2,),
        scale=(0.1, 0.5),
        offset=(0.01, -0.2),
        transform=log_return().fit(LEVELS),
        anchor=((50.0, 8.0),),
        dtypes=("float64", "int64"),
        calendar=Calendar("day", "2024-01-31", "D"),
    )


def test_levels_and_back(spec):
    x = spec.from_units(LEVELS.mT[None])
    assert x.shape == (1, 2, 2)
    assert x.dtype == torch.float32
    found = spec.to_units(x, LEVELS[:1])
    assert found.dtype == torch.float64
    torch.testing.assert_close(found[0].mT, LEVELS, rtol=1e-6, atol=0)


def test_series_go_on_from_the_anchor(spec):
    found = spec.to_units(spec.from_units(LEVELS.mT[None]))[0]
    torch.testing.assert_close(found[0], LEVELS[:, 0] / 2, rtol=1e-6, atol=0)
    torch.testing.assert_close(found[1], LEVELS[:, 1] * 8, rtol=1e-6, atol=0)
    # Without one, from the first row that was fitted.
    found = replace(spec, anchor=()).to_units(spec.from_units(LEVELS.mT[None]))
    torch.testing.assert_close(found[0].mT, LEVELS, rtol=1e-6, atol=0)


def test_every_window_may_have_a_start_of_its_own(spec):
    x = spec.from_units(LEVELS.mT.expand(3, 2, 3))
    start = torch.tensor([[[1.0, 1.0]], [[2.0, 1.0]], [[3.0, 1.0]]])
    found = spec.to_units(x, start)
    torch.testing.assert_close(found[:, 0, -1], 0.99 * torch.tensor([1.0, 2.0, 3.0]).double())


def test_windows_are_compared_in_units_that_need_no_beginning(spec):
    x = spec.from_units(LEVELS.mT[None])
    expected = LEVELS.log().diff(dim=0).mT[None].float()
    torch.testing.assert_close(spec.to_window_units(x), expected)
    pointwise = replace(spec, transform=Standard().fit(LEVELS), anchor=())
    assert pointwise.known_steps == 0
    torch.testing.assert_close(pointwise.to_window_units(x), pointwise.to_units(x))


def test_gradients_reach_through_the_inverse(spec):
    x = torch.zeros(1, 2, 2, requires_grad=True)
    spec.to_units(x).sum().backward()
    assert (x.grad > 0).all()


def test_json_keeps_everything(spec):
    stored = DataSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert stored == spec
    x = torch.randn(4, 2, 2)
    assert torch.equal(stored.to_units(x), spec.to_units(x))


def test_descriptions_from_before_transforms_are_read():
    old = {"name": "d", "modality": "points", "channels": 2, "spatial": [], "integer": False}
    assert DataSpec.from_dict(old) == DataSpec("d", "points", channels=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"anchor": ((1.0, 2.0), (3.0, 4.0))}, "2 anchor rows; expected 1"),
        ({"modality": "points", "spatial": ()}, "points take no transform"),
    ],
)
def test_parts_that_disagree(spec, change, message):
    with pytest.raises(UserError, match=message):
        replace(spec, **change)


def test_damaged_transforms_are_told(spec):
    values = spec.to_dict()
    with pytest.raises(UserError, match="is not a fitted transform"):
        DataSpec.from_dict({**values, "transform": {"_target_": "os.system"}})
    with pytest.raises(UserError, match="not a data spec"):
        DataSpec.from_dict({**values, "calendar": {"when": "now"}})


def test_known_steps_count_all_differences():
    fitted = Composition((Difference(), Difference())).fit(LEVELS)
    spec = DataSpec("t", "series", channels=2, spatial=(3,), transform=fitted)
    assert spec.known_steps == 2
    assert spec.to_units(torch.zeros(5, 2, 3)).shape == (5, 2, 5)
