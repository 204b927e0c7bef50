"""Samples of other tools: arrays and tables that do not hold what they say."""

import io
import struct
import zipfile

import numpy as np
import pytest

from gan_lab.errors import UserError
from gan_lab.evaluation.samples_file import read_samples
from gan_lab.spec import DataSpec

RING = DataSpec("ring", "points", 2, channel_names=("x", "y"))
X = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)


def npy(array=X, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def header(text):
    body = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(body)) + body


PICKLED = npy(np.array([print, {"a": 1}], dtype=object), allow_pickle=True)
ARRAYS = {
    "empty.npy": b"",
    "text.npy": b"hello",
    "magic.npy": npy()[:6],
    "half.npy": npy()[:140],
    "no data.npy": npy()[:128],
    "pickled.npy": PICKLED,
    "a pickle.npy": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a.",
    "huge.npy": header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 2)}"),
    "negative.npy": header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2)}"),
    "code.npy": header("__import__('os').system('touch ran')"),
    "no shape.npy": header("{'descr': '<f8', 'fortran_order': False}"),
    "words.npy": npy(np.array([["a", "b"]] * 20)),
    "complex.npy": npy(X.astype(np.complex64)),
    "booleans.npy": npy(X > 0),
    "a scalar.npy": npy(np.float32(1)),
    "one column.npy": npy(X[:, :1]),
    "flat.npy": npy(X.ravel()),
    "images.npy": npy(np.zeros((4, 3, 8, 8))),
    "no rows.npy": npy(X[:0]),
    "NaN.npy": npy(np.where(X > 1, np.nan, X)),
    "infinite.npy": npy(np.where(X > 1, np.inf, X)),
    "empty.npz": b"",
    "text.npz": b"hello",
    "half.npz": npz(x=X)[:200],
    "no arrays.npz": npz(),
    "pickled.npz": zipped(x=PICKLED),
    "no array.npz": zipped(x=b"hello"),
    "words.npz": npz(x=np.array(["a", "b"])),
    "empty.csv": b"",
    "other columns.csv": b"a,b\n1,2\n",
    "words.csv": b"x,y\na,b\nc,d\n",
    "ragged.csv": b"x,y\n1,2,3\n4,5,6,7\n",
    "no rows.csv": b"x,y\n",
    "missing.csv": b"x,y\n1,\n2,3\n",
    "1e400.csv": b"x,y\n1,1e400\n2,3\n",
    "zeros.csv": bytes(4096),
    "latin-1.csv": "x,y\n1,2\nå,3\n".encode("latin-1"),
    "a word.pkl": b"\x80\x04.",
    "a checkpoint.pt": b"PK\x03\x04",
}


@pytest.mark.parametrize("name", ARRAYS)
def test_samples_are_refused_in_one_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ARRAYS[name])
    with pytest.raises(UserError) as told:
        read_samples(path, RING)
    assert name in str(told.value)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "ran").exists()
