import numpy as np
import pytest
import torch

from gan_lab.render.directions import render_directions, signed
from gan_lab.spec import DataSpec

SPECS = {
    "images": DataSpec("i", "images", 1, (8, 8), bounds=(-1.0, 1.0)),
    "series": DataSpec("s", "series", 5, (12,)),
    "points": DataSpec("p", "points", 2, ()),
    "line": DataSpec("p", "points", 1, ()),
}


def picture(kind, percentile=50.0, shift=0.0, k=2):
    spec = SPECS[kind]
    rng = torch.Generator().manual_seed(0)
    paths = torch.rand(k, 3, 5, *spec.shape, generator=rng) * 2 - 1 + shift
    return render_directions(
        paths, torch.linspace(-2, 2, 5), torch.full((k, 3, 5), percentile), spec,
        names=["a", "b", "c", "d"][:k], notes=["10%"] * k, title="t",
    )  # fmt: skip


@pytest.mark.parametrize("kind", SPECS)
def test_samples_and_gauge_are_in_the_picture(kind):
    base = np.asarray(picture(kind))
    assert base.std() > 5
    assert not np.array_equal(base, np.asarray(picture(kind, percentile=100.0)))


def test_samples_and_rows_are_in_the_picture():
    base = picture("images")
    assert not np.array_equal(np.asarray(base), np.asarray(picture("images", shift=-0.5)))
    assert picture("images", k=4).height > base.height


def test_amounts_have_signs():
    assert [signed(a) for a in (-2.25, 0.0, 3.0)] == ["\N{MINUS SIGN}2.25", "0", "+3"]
