"""Archives of images, and archives that are meant to hurt."""

import io
import tarfile
import zipfile

import pytest
import torch
from PIL import Image

from gan_lab.data.archive import Limits, unpacked
from gan_lab.data.folder import Folder
from gan_lab.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr("gan_lab.data.archive.cache_folder", lambda: folder)
    return folder


def picture(colour):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(stream, "PNG")
    return stream.getvalue()


GOOD = {
    "photos/cat/a.png": picture((200, 0, 0)),
    "photos/cat/b.png": picture((100, 0, 0)),
    "photos/dog/c.png": picture((0, 0, 200)),
    "photos/dog/d.PNG": picture((0, 0, 100)),
}
BESIDE = {
    "photos/notes.txt": b"x", "photos/run.sh": b"#!/bin/sh", "__MACOSX/._a.png": b"x",
    "photos/.hidden.png": b"x",
}  # fmt: skip


def zipped(path, members, attributes=0, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes << 16
            info.compress_type = compression
            archive.writestr(info, content)
    return path


def tarred(path, members, mode="w", **fields):
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("name", "mode"), [("p.zip", ""), ("p.tar", "w"), ("p.tar.gz", "w:gz"), ("p.tgz", "w:gz")]
)
def test_images_of_an_archive_are_those_of_the_folder(tmp_path, cache, name, mode):
    members = {**GOOD, **BESIDE}
    path = tmp_path / name
    zipped(path, members) if not mode else tarred(path, members, mode)
    for key, content in GOOD.items():
        place = tmp_path / "plain" / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    packed = Folder(path, size=4).load()
    plain = Folder(tmp_path / "plain/photos", size=4).load()
    assert torch.equal(packed.x, plain.x)
    assert packed.spec.name == "p"
    written = {p.name for p in cache.rglob("*") if p.is_file()}
    assert written == {"a.png", "b.png", "c.png", "d.PNG"}
    before = {p: p.stat().st_mtime_ns for p in cache.rglob("*.png")}
    Folder(path, size=4).load()
    assert before == {p: p.stat().st_mtime_ns for p in cache.rglob("*.png")}


def test_classes_are_the_folders_at_the_top(tmp_path):
    members = {name.removeprefix("photos/"): content for name, content in GOOD.items()}
    rows = Folder(zipped(tmp_path / "p.zip", members), size=4).load()
    assert rows.spec.classes == ("cat", "dog")
    assert rows.label.tolist() == [0, 0, 1, 1]


IMAGE = picture((1, 2, 3))
LINK = 0o120777
HOSTILE = {
    "zip, parents": lambda p: zipped(p / "x.zip", {"../../escaped.png": IMAGE}),
    "zip, absolute": lambda p: zipped(p / "x.zip", {f"{p}/escaped.png": IMAGE}),
    "zip, backslashes": lambda p: zipped(p / "x.zip", {"..\\..\\escaped.png": IMAGE}),
    "zip, a link": lambda p: zipped(p / "x.zip", {"l.png": b"/etc/passwd"}, LINK),
    "zip, a bomb": lambda p: zipped(
        p / "x.zip", {f"{k}.png": bytes(2**22) for k in range(4)}, 0, zipfile.ZIP_DEFLATED),
    "zip, one name twice": lambda p: zipped_twice(p / "x.zip"),
    "tar, parents": lambda p: tarred(p / "x.tar", {"a/../../escaped.png": IMAGE}),
    "tar, absolute": lambda p: tarred(p / "x.tar", {f"{p}/escaped.png": IMAGE}),
    "tar, a symbolic link": lambda p: tarred(
        p / "x.tar", {"l.png": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "tar, a link to a folder": lambda p: linked(p / "x.tar", p),
    "tar, a hard link": lambda p: tarred(
        p / "x.tar", {"l.png": b""}, type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "tar, a device": lambda p: tarred(p / "x.tar", {"d.png": b""}, type=tarfile.CHRTYPE),
    "tar, a pipe": lambda p: tarred(p / "x.tar", {"p.png": b""}, type=tarfile.FIFOTYPE),
    "tar, a bomb": lambda p: tarred(
        p / "x.tar.gz", {f"{k}.png": bytes(2**22) for k in range(4)}, "w:gz"),
    "zip, damaged": lambda p: damaged(zipped(p / "x.zip", GOOD)),
    "tar, damaged": lambda p: damaged(tarred(p / "x.tar.gz", GOOD, "w:gz")),
    "zip, text": lambda p: text(p / "x.zip"),
    "tar, text": lambda p: text(p / "x.tar"),
}  # fmt: skip


def zipped_twice(path):
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.png", IMAGE)
        archive.writestr("a.png", IMAGE)
    return path


def linked(path, outside):
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        archive.addfile(link)
        info = tarfile.TarInfo("out/escaped.png")
        info.size = len(IMAGE)
        archive.addfile(info, io.BytesIO(IMAGE))
    return path


def damaged(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def text(path):
    path.write_text("hello")
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_escapes(tmp_path, cache, name):
    inside = tmp_path / "deep/er"
    inside.mkdir(parents=True)
    path = HOSTILE[name](inside)
    before = {p for p in tmp_path.rglob("*") if cache not in p.parents and p != cache}
    with pytest.raises(UserError, match="cannot be unpacked") as told:
        Folder(path, size=4).load()
    assert "\n" not in str(told.value)
    assert {p for p in tmp_path.rglob("*") if cache not in p.parents and p != cache} == before
    assert not list((cache / "archives").iterdir())


def test_numbers_of_files_and_bytes_are_limited(tmp_path):
    path = zipped(tmp_path / "p.zip", GOOD)
    with pytest.raises(UserError, match="more than 3 files"):
        unpacked(path, Limits(files=3))
    with pytest.raises(UserError, match="grows past the limit"):
        unpacked(path, Limits(total=100))
    assert unpacked(path, Limits(files=4)).is_dir()
