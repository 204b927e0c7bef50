import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab.data.pixels import pixel_spec
from gan_lab.errors import UserError
from gan_lab.evaluation.samples_file import read_samples
from gan_lab.spec import DataSpec
from gan_lab.transforms import Difference

SERIES = DataSpec("walks", "series", 2, (3,), channel_names=("a", "b"), scale=(2.0,), offset=(1.0,))


def test_a_table_of_series(tmp_path):
    path = tmp_path / "walks.csv"
    path.write_text("step,sample,b,a\n1,0,40,4\n0,0,30,3\n2,0,50,5\n0,1,1,1\n1,1,1,1\n2,1,1,1\n")
    x = read_samples(path, SERIES).x
    assert x.shape == (2, 2, 3)
    assert SERIES.to_units(x)[0].tolist() == [[3, 4, 5], [30, 40, 50]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no column sample and step"),
        ("sample,step,a\n0,0,1\n", "no column b; it has: sample, step, a"),
        ("sample,step,a,b\n7,0,1,2\n", "sample 7 has 1 steps, walks has 3"),
        ("", "cannot be read"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, text, message):
    path = tmp_path / "walks.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_samples(path, SERIES)


def test_a_folder_of_images(tmp_path):
    for k in range(3):
        Image.fromarray(np.full((8, 8), 100 * k, np.uint8)).save(tmp_path / f"{k}.png")
    spec = pixel_spec("grey", 1, (4, 4))
    found = read_samples(tmp_path, spec)
    assert spec.to_units(found.x).flatten(1).unique(dim=1).tolist() == [[0], [100], [200]]


def test_arrays(tmp_path):
    x = np.arange(12).reshape(2, 2, 3)
    np.save(tmp_path / "a.npy", x)
    np.savez(tmp_path / "a.npz", label=np.zeros(2), x=x)
    first, second = (read_samples(tmp_path / name, SERIES).x for name in ("a.npy", "a.npz"))
    assert torch.equal(first, second)
    assert SERIES.to_units(first).flatten().tolist() == list(range(12))
    with pytest.raises(UserError, match=r"samples of shape \(2, 3\); grey holds \(1, 4, 4\)"):
        read_samples(tmp_path / "a.npy", pixel_spec("grey", 1, (4, 4)))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    with pytest.raises(UserError, match="expected numbers"):
        read_samples(tmp_path / "words.npy", SERIES)


def test_levels_whose_changes_are_learned(tmp_path):
    """With the step before the window or without it, which is then that of the data."""
    levels = torch.tensor([[1.0, 2.0], [4.0, 3.0], [6.0, 7.0], [7.0, 9.0]], dtype=torch.float64)
    fitted = Difference().fit(levels)
    spec = DataSpec("levels", "series", 2, (3,), transform=fitted, anchor=((1.0, 2.0),))
    np.save(tmp_path / "whole.npy", levels.T[None].numpy())
    np.save(tmp_path / "generated.npy", levels.T[None, :, 1:].numpy())
    for name in ("whole.npy", "generated.npy"):
        x = read_samples(tmp_path / name, spec).x
        assert x[0].tolist() == [[3, 2, 1], [1, 4, 2]]


def test_nothing_there(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        read_samples(tmp_path / "none", SERIES)
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(UserError, match=r"expected a folder, or a file \.npy"):
        read_samples(tmp_path / "a.txt", SERIES)
