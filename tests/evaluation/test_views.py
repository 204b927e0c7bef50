"""Copies that are moved, mirrored, delayed or louder are found; fresh rows are not."""

from dataclasses import replace

import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.evaluation.novelty import novelty_of
from gan_lab.evaluation.sets import gather
from gan_lab.metrics.invariances import shifted


@pytest.fixture(scope="module")
def digits():
    data = Digits8(held_out=0.5)
    data.setup()
    fresh = data.held_out.select(torch.arange(0, len(data.held_out), 2))
    data.held_out = data.held_out.select(torch.arange(1, len(data.held_out), 2))
    return data, fresh


def verdict(samples, data):
    sets = gather(samples, data, name="mine", weights="samples", seed=0)
    return novelty_of(sets).audit


CHANGES = {
    "moved": lambda x: shifted(x, offsets=(0, 1)),
    "mirrored": lambda x: x.flip(-1),
    "darker": lambda x: 0.5 * x - 0.2,
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_of_images(digits, change):
    data, fresh = digits
    some = torch.cat([CHANGES[change](data.train.x[:60]), fresh.x[60:]])
    assert verdict(replace(fresh, x=some), data).verdict == "copying found"


def test_changed_fresh_images_are_no_copies(digits):
    data, fresh = digits
    changed = [
        change(part) for change, part in zip(CHANGES.values(), fresh.x.split(30), strict=False)
    ]
    some = torch.cat([*changed, fresh.x[90:]])
    assert verdict(replace(fresh, x=some), data).verdict == "none found"


@pytest.mark.parametrize("change", [lambda x: shifted(x, offsets=(2,)), lambda x: 3 * x + 1])
def test_delayed_and_louder_copies_of_series(var, fresh_var, change):
    some = torch.cat([change(var.train.x[:60]), fresh_var.x[60:]])
    assert verdict(replace(fresh_var, x=some), var).verdict == "copying found"


def test_few_independent_windows_cannot_tell(var, fresh_var):
    """A history of windows at each step, of which fewer than twenty share none."""
    rows = var.held_out.select(torch.arange(150))
    short = replace(rows, start=torch.arange(150))
    sets = gather(fresh_var, var, name="mine", weights="samples", seed=0)
    found = novelty_of(replace(sets, held_out=short))
    assert found.audit.verdict == "cannot tell"
    assert "count as about" in found.audit.reasons[0]
    assert any("overlap" in warning for warning in found.warnings)
