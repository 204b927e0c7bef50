"""Image files as they come from phones, browsers, servers and strangers."""

import io
import logging
import os
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab.data.folder import Folder
from gan_lab.errors import UserError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (24, 16, 3), dtype=np.uint8)


def encoded(kind="PNG", image=None, **options):
    stream = io.BytesIO()
    (image or Image.fromarray(PIXELS)).save(stream, kind, **options)
    return stream.getvalue()


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width=8, height=8, depth=8, colour=2, data=None, before=b"", after=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 3)
    rows = bytes(height * (1 + width * channels * max(depth // 8, 1))) if data is None else data
    parts = (chunk(b"IHDR", header), before, chunk(b"IDAT", zlib.compress(rows)), after)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def animation(kind):
    frames = [Image.new("RGB", (8, 8), (40 * k, 0, 0)) for k in range(3)]
    return encoded(kind, frames[0], save_all=True, append_images=frames[1:])


def bmp(width, height):
    return (
        b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    )  # fmt: skip


HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\nshowpage\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>"
CONTENT = {
    "empty.png": b"",
    "empty.jpg": b"",
    "empty.webp": b"",
    "empty.bmp": b"",
    "one byte.png": b"\x89",
    "zeros.png": bytes(4096),
    "text.png": b"not an image\n",
    "html.jpg": HTML,
    "html.png": HTML,
    "json.jpg": b'{"error": "not found"}',
    "script.png": b"#!/bin/sh\ntouch ran\n",
    "svg.png": SVG,
    "eps.png": EPS,
    "pdf.jpg": b"%PDF-1.7\n" + bytes(99),
    "elf.bmp": b"\x7fELF" + bytes(99),
    "zip.png": b"PK\x03\x04" + bytes(99),
    "gif.png": encoded("GIF"),
    "tiff.jpg": encoded("TIFF"),
    "icon.png": encoded("ICO"),
    "psd.png": b"8BPS" + bytes(99),
    "ppm.bmp": encoded("PPM"),
    "heic.jpg": b"\x00\x00\x00\x18ftypheic" + bytes(99),
    "signature.png": encoded()[:8],
    "no header.png": encoded()[:8] + encoded()[33:],
    "no data.png": encoded()[:33],
    "no end of data.png": encoded()[: len(encoded()) * 2 // 3],
    "header.jpg": encoded("JPEG")[:20],
    "half.jpg": encoded("JPEG")[: len(encoded("JPEG")) // 2],
    "half.webp": encoded("WEBP")[: len(encoded("WEBP")) // 2],
    "half.bmp": encoded("BMP")[: len(encoded("BMP")) // 2],
    "header.webp": encoded("WEBP")[:16],
    "header.bmp": encoded("BMP")[:20],
    "crc of the header.png": flipped(encoded(), 30),
    "crc of the data.png": flipped(encoded(), 60),
    "start.jpg": flipped(encoded("JPEG"), 1),
    "tables.jpg": encoded("JPEG").replace(b"\xff\xdb", b"\xff\xfe"),
    "no size.png": png(0, 8),
    "no height.png": png(8, 0, data=b""),
    "bad depth.png": png(depth=7),
    "bad colour.png": png(colour=5),
    "no palette.png": png(colour=3, depth=16),
    "too little data.png": png(data=b"\0" * 9),
    "not compressed.png": encoded().replace(b"IDATx", b"IDATy"),
    "bomb of 30,000 squared.png": png(30_000, 30_000, data=b""),
    "bomb of 13,300 squared.png": png(13_300, 13_300, data=b""),
    "bomb of a billion.png": png(2**30, 1, data=b""),
    "bomb of 2^31.png": png(2**31 - 1, 2**31 - 1, data=b""),
    "bomb.bmp": bmp(40_000, 40_000),
    "negative.bmp": bmp(-8, 8),
    "bomb of text.png": png(
        before=chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(70 * 2**20), 9))
    ),
    "animated.png": animation("PNG"),
    "animated.webp": animation("WEBP"),
    "animated gif.png": animation("GIF"),
}  # fmt: skip


def fifo(path):
    os.mkfifo(path)


def loop(path):
    other = path.with_name("other")
    other.symlink_to(path)
    path.symlink_to(other)


PLACES = {
    "pipe.png": fifo,
    "loop.png": loop,
    "itself.png": lambda path: path.symlink_to(path),
    "dangling.png": lambda path: path.symlink_to(path.with_name("nowhere.png")),
    "device.png": lambda path: path.symlink_to("/dev/zero"),
    "null.png": lambda path: path.symlink_to("/dev/null"),
    "text by link.png": lambda path: (
        path.with_name("notes.txt").write_text("x"), path.symlink_to(path.with_name("notes.txt"))
    ),
}  # fmt: skip
MAKE = {name: lambda path, c=content: path.write_bytes(c) for name, content in CONTENT.items()}
MAKE |= PLACES


def good(folder, n=3):
    folder.mkdir(exist_ok=True)
    for k in range(n):
        (folder / f"good{k}.png").write_bytes(encoded())


@pytest.mark.parametrize("name", MAKE)
def test_a_bad_file_is_named_or_skipped_and_listed(tmp_path, caplog, name):
    good(tmp_path / "a")
    MAKE[name](tmp_path / "a" / name)
    with pytest.raises(UserError) as told:
        Folder(tmp_path / "a", size=8).load()
    message = str(told.value)
    assert f"1 of 4 images cannot be read: {tmp_path}/a/{name} (" in message
    assert "\n" not in message
    assert len(message) < 500
    with caplog.at_level(logging.WARNING):
        rows = Folder(tmp_path / "a", size=8, on_bad_file="skip").load()
    assert len(rows) == 3
    assert "skipped 1 of 4" in caplog.text
    assert name in caplog.text
    assert torch.equal(rows.x[0], rows.x[1])


def test_every_skipped_file_is_listed(tmp_path, caplog):
    good(tmp_path)
    for k in range(40):
        (tmp_path / f"bad{k}.jpg").write_bytes(HTML)
    with caplog.at_level(logging.WARNING):
        assert len(Folder(tmp_path, size=8, on_bad_file="skip").load()) == 3
    assert all(f"bad{k}.jpg" in caplog.text for k in range(40))


def test_reading_what_a_file_may_not_be_is_never_begun(tmp_path, monkeypatch):
    """An EPS file would start Ghostscript, whatever it is called."""
    good(tmp_path)
    (tmp_path / "drawing.png").write_bytes(EPS)
    from PIL import EpsImagePlugin

    def started(*args):
        raise AssertionError("was started")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", started)
    with pytest.raises(UserError, match="none of PNG"):
        Folder(tmp_path, size=8).load()


def read(tmp_path, content, suffix="png", **options):
    """Pixels `(c, h, w)` in 0..255 of one file, as networks see it."""
    for k in range(2):
        (tmp_path / f"{k}.{suffix}").write_bytes(content)
    rows = Folder(tmp_path, **{"size": 8, **options}).load()
    return rows.spec.to_units(rows.x)[0].float()


def flat(mode, colour, kind="PNG", **options):
    return encoded(kind, Image.new(mode, (16, 16), colour), **options)


def sixteen(value, colour=0):
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    pixel = struct.pack(">H", value) * channels
    if colour in (4, 6):
        pixel = pixel[:-2] + b"\xff\xff"
    return png(8, 8, 16, colour, data=(b"\0" + pixel * 8) * 8)


RIGHT = {
    "16 bits, mid grey": (sixteen(32768), "png", (128,)),
    "16 bits, dark": (sixteen(2570), "png", (10,)),
    "16 bits, white": (sixteen(65535), "png", (255,)),
    "16 bits, colour": (sixteen(32768, 2), "png", (128,)),
    "16 bits, grey with alpha": (sixteen(32768, 4), "png", (128,)),
    "16 bits, colour with alpha": (sixteen(32768, 6), "png", (128,)),
    "1 bit": (flat("1", 1), "png", (255,)),
    "grey": (flat("L", 77), "png", (77,)),
    "colour": (flat("RGB", (200, 30, 60)), "png", (200, 30, 60)),
    "transparent red": (flat("RGBA", (255, 0, 0, 0)), "png", (255,)),
    "half transparent red": (flat("RGBA", (255, 0, 0, 128)), "png", (255, 127, 127)),
    "opaque red with alpha": (flat("RGBA", (255, 0, 0, 255)), "png", (255, 0, 0)),
    "grey with alpha": (flat("LA", (0, 0)), "png", (255,)),
    "palette": (
        encoded("PNG", Image.new("RGB", (8, 8), (8, 90, 170)).quantize()), "png", (8, 90, 170)),
    "a colour that is transparent": (
        flat("RGB", (9, 9, 9), transparency=(9, 9, 9)), "png", (255,)),
    "webp with alpha": (flat("RGBA", (255, 0, 0, 0), "WEBP", lossless=True), "webp", (255,)),
    "CMYK": (flat("CMYK", (0, 255, 255, 0), "JPEG", quality=100), "jpg", (254, 0, 0)),
    "grey jpeg": (flat("L", 77, "JPEG", quality=100), "jpg", (77,)),
    "bmp": (flat("RGB", (200, 30, 60), "BMP"), "bmp", (200, 30, 60)),
    "png called jpg": (flat("RGB", (200, 30, 60)), "jpg", (200, 30, 60)),
    "jpg called png": (flat("L", 77, "JPEG", quality=100), "png", (77,)),
    "one pixel": (encoded("PNG", Image.new("RGB", (1, 1), (5, 6, 7))), "png", (5, 6, 7)),
    "4,000 x 1": (encoded("PNG", Image.new("RGB", (4000, 1), (5, 6, 7))), "png", (5, 6, 7)),
    "1 x 4,000": (encoded("PNG", Image.new("RGB", (1, 4000), (5, 6, 7))), "png", (5, 6, 7)),
    "trailing rubbish": (flat("RGB", (5, 6, 7)) + b"rubbish" * 99, "png", (5, 6, 7)),
    "capital suffix": (flat("RGB", (5, 6, 7)), "PNG", (5, 6, 7)),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_odd_but_readable_has_the_right_colour(tmp_path, name):
    content, suffix, expected = RIGHT[name]
    pixels = read(tmp_path, content, suffix)
    wanted = torch.tensor(expected, dtype=torch.float32).expand(pixels.shape[0])
    assert (pixels - wanted[:, None, None]).abs().max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_upright(tmp_path, orientation):
    upright = Image.new("L", (16, 16), 0)
    upright.paste(255, (0, 0, 16, 8))  # white above
    upright.paste(128, (0, 0, 8, 8))  # grey in the upper left
    turns = {
        1: [], 2: [0], 3: [Image.Transpose.ROTATE_180], 4: [1], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }  # fmt: skip
    stored = upright
    for turn in turns[orientation]:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = read(tmp_path, encoded("PNG", stored, exif=exif))[0]
    assert pixels[1, 1] == pytest.approx(128, abs=3)
    assert pixels[1, 6] == pytest.approx(255, abs=3)
    assert pixels[6, 3] == pytest.approx(0, abs=3)


def test_rubbish_in_exif_is_told_or_ignored(tmp_path):
    content = encoded("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(40))
    assert read(tmp_path, content, "jpg").shape == (3, 8, 8)


@pytest.mark.parametrize("name", ["._a.png", ".hidden.jpg", ".DS_Store", "__MACOSX/._b.png"])
def test_files_of_the_system_are_no_images(tmp_path, name):
    good(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"\x00\x05\x16\x07" + bytes(40))
    assert len(Folder(tmp_path, size=8).load()) == 3


def test_folders_in_a_circle_are_read_once(tmp_path):
    good(tmp_path / "a")
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a")
    (tmp_path / "up").symlink_to(tmp_path)
    assert len(Folder(tmp_path, size=8).load()) == 3


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    good(tmp_path / "a")
    good(tmp_path / "b")
    scan = os.scandir

    def closed(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(UserError, match=r"/b: this folder cannot be read: permission denied"):
        Folder(tmp_path, size=8).load()


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    good(tmp_path)
    opened = Image.open

    def closed(path, **options):
        if path.name == "good1.png":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, **options)

    monkeypatch.setattr(Image, "open", closed)
    with pytest.raises(UserError, match=r"good1.png \(permission denied\)"):
        Folder(tmp_path, size=8).load()


def test_a_name_in_another_encoding_is_told(tmp_path):
    good(tmp_path)
    with open(os.fsencode(tmp_path) + b"/caf\xe9.png", "wb") as file:
        file.write(encoded())
    with pytest.raises(UserError, match="no UTF-8; rename it") as told:
        Folder(tmp_path, size=8).load()
    str(told.value).encode()


@pytest.mark.parametrize("kind", ["file", "missing", "empty", "one", "loop", "texts"])
def test_a_path_that_is_no_folder_of_images(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "file":
        path.write_bytes(encoded())
    elif kind == "loop":
        path.symlink_to(path)
    elif kind != "missing":
        path.mkdir()
        (path / "a.txt").write_text("x")
        good(path, {"one": 1}.get(kind, 0))
    with pytest.raises(UserError, match=r"data.path=") as told:
        Folder(path, size=8).load()
    assert "\n" not in str(told.value)
