import os

import pytest

from gan_lab.atomic import second_name, sweep, whole_file, write_atomically
from gan_lab.errors import UserError


def test_failure_keeps_the_old_file_and_leaves_no_litter(tmp_path, monkeypatch):
    file = tmp_path / "a.txt"
    write_atomically(file, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_folders_are_created(tmp_path):
    write_atomically(tmp_path / "a" / "b.txt", b"x")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"x"


def test_an_error_inside_the_block_keeps_the_old_file(tmp_path):
    file = tmp_path / "a.txt"
    write_atomically(file, b"old")
    with pytest.raises(ZeroDivisionError), whole_file(file) as out:
        out.write(b"ha")
        1 / 0  # noqa: B018
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_sweep_removes_what_kills_left(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b/.a.ckpt.x1.writing").write_bytes(b"half")
    (tmp_path / "b/notes.writing").write_bytes(b"a person's")
    assert [path.name for path in sweep(tmp_path)] == [".a.ckpt.x1.writing"]
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["notes.writing"]


def test_a_second_name_follows_the_newest_file(tmp_path):
    for content in (b"1", b"2"):
        write_atomically(tmp_path / "step", content)
        second_name(tmp_path / "step", tmp_path / "last")
        write_atomically(tmp_path / "step", b"other")
        assert (tmp_path / "last").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last", "step"]
