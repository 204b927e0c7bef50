"""Checkpoints that are damaged, of other makers, or made to hurt."""

import io
import pickle
import random
import zipfile

import numpy as np
import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.export.checkpoints import read_checkpoint

STATE = {
    "state_dict": {"w": torch.arange(6.0).view(2, 3)},
    "gan_lab": {"steps": 3, "config": {"seed": 0, "rate": 0.5, "name": "x", "none": None}},
    "random": [torch.get_rng_state(), [1, (2, 3)]],
}


def saved(state=STATE, **options):
    stream = io.BytesIO()
    torch.save(state, stream, **options)
    return stream.getvalue()


def repacked(change, compression=zipfile.ZIP_STORED):
    """The members of a good checkpoint after `change`, zipped again."""
    members = {}
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in (change(members) or members).items():
            archive.writestr(name, content)
    return stream.getvalue()


class Runs:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def with_pickle(value, protocol=2):
    pickled = pickle.dumps(value, protocol)
    return repacked(lambda members: {
        name: pickled if name.endswith("data.pkl") else content
        for name, content in members.items()
    })  # fmt: skip


def stride_0():
    return saved({"gan_lab": {}, "x": torch.zeros(1).expand(10**5, 10**6)})


FILES = {
    "empty": b"",
    "text": b"hello",
    "html": b"<!DOCTYPE html>",
    "half": saved()[: len(saved()) // 2],
    "no directory": saved()[:-22],
    "zip of nothing": repacked(lambda members: {"readme": b"x"}),
    "no pickle": repacked(lambda m: {k: v for k, v in m.items() if not k.endswith(".pkl")}),
    "two pickles": repacked(lambda m: {**m, "other/data.pkl": b"x"}),
    "no tensors": repacked(lambda m: {k: v for k, v in m.items() if "/data/" not in k}),
    "a short tensor": repacked(lambda m: {k: v[:4] if "/data/" in k else v for k, v in m.items()}),
    "an empty pickle": with_pickle(None)[:0]
    or repacked(lambda m: {k: b"" if k.endswith("data.pkl") else v for k, v in m.items()}),
    "rubbish as pickle": repacked(
        lambda m: {k: b"\xff" * 99 if k.endswith("data.pkl") else v for k, v in m.items()}
    ),
    "deflated": repacked(lambda members: None, zipfile.ZIP_DEFLATED),
    "a deflate bomb": repacked(
        lambda m: {**m, "archive/data/9": bytes(2**26)}, zipfile.ZIP_DEFLATED
    ),
    "bzip2": repacked(lambda members: None, zipfile.ZIP_BZIP2),
    "a stride of 0": stride_0(),
    "the legacy form": saved(_use_new_zipfile_serialization=False),
    "a legacy form that runs code": pickle.dumps(Runs(print, "ran")),
    "code": with_pickle(Runs(print, "ran")),
    "code of protocol 4": with_pickle(Runs(print, "ran"), 4),
    "code of builtins": with_pickle(Runs(eval, "print('ran')")),
    "code of torch": with_pickle(Runs(torch.load, "x")),
    "code of numpy": with_pickle(Runs(np.load, "x")),
    "a huge bytearray": with_pickle(Runs(bytearray, 2**40)),
    "a generator state": with_pickle({"gan_lab": {}, "x": np.float64(1)}),
    "a module": with_pickle(torch.nn.Linear(1, 1)),
    "a list": saved([1, 2]),
    "a tensor": saved(torch.zeros(2)),
    "weights alone": saved({"w": torch.zeros(2)}),
    "lightning's own": saved({"state_dict": {}, "pytorch-lightning_version": "2.6.6"}),
}


@pytest.mark.parametrize("name", FILES)
def test_a_checkpoint_is_refused_in_one_line(tmp_path, name, capsys):
    path = tmp_path / "last.ckpt"
    path.write_bytes(FILES[name])
    with pytest.raises(UserError) as told:
        read_checkpoint(path)
    assert "last.ckpt" in str(told.value)
    assert "\n" not in str(told.value)
    assert "ran" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["missing", "folder", "device"])
def test_what_is_no_file(tmp_path, kind):
    path = tmp_path / "last.ckpt"
    if kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    with pytest.raises(UserError, match=r"last\.ckpt"):
        read_checkpoint(path)


def test_a_good_one_is_read(tmp_path):
    path = tmp_path / "last.ckpt"
    path.write_bytes(saved())
    state = read_checkpoint(path)
    assert torch.equal(state["state_dict"]["w"], STATE["state_dict"]["w"])
    assert state["gan_lab"] == STATE["gan_lab"]


def test_whatever_is_damaged_ends_in_a_user_error_or_loads(tmp_path):
    """Bits that flip inside a tensor load: SHA256SUMS tells those, `is_whole` checks it."""
    whole, draw, path = saved(), random.Random(0), tmp_path / "last.ckpt"
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(draw.choice((1, 4, 64))):
            content[draw.randrange(len(content))] = draw.randrange(256)
        path.write_bytes(content[: draw.choice((None, None, draw.randrange(len(content))))])
        try:
            read_checkpoint(path)
        except UserError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 100
