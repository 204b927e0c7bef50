import logging

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab.data import files
from gan_lab.data.folder import Folder
from gan_lab.errors import UserError


def paint(path, color=(200, 30, 60), size=(20, 12), mode="RGB", **save):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **save)
    return path


def noise(path, size=(12, 12), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def loaded(path, **options):
    data = Folder(path, **{"size": 8, **options})
    return data, data.load()


def pixel(path, tmp_path, **options):
    """Pixels `(2, c, h, w)` of a folder that holds `path` twice."""
    (tmp_path / ("copy" + path.suffix)).write_bytes(path.read_bytes())
    _, rows = loaded(tmp_path, **options)
    return rows.spec.to_units(rows.x)


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "webp", "bmp"])
def test_formats(tmp_path, suffix):
    units = pixel(paint(tmp_path / f"a.{suffix}"), tmp_path)
    assert units.shape == (2, 3, 8, 8)
    off = units.float() - torch.tensor([200, 30, 60]).view(1, 3, 1, 1)
    assert off.abs().max() <= 3


def test_folders_become_classes_in_order_of_name(tmp_path):
    for name, count in {"dog": 4, "cat": 6}.items():
        for i in range(count):
            noise(tmp_path / name / "deep" / f"{i}.png", seed=i)
    data = Folder(tmp_path, size=8, held_out=0.5)
    data.setup()
    assert data.spec.classes == ("cat", "dog")
    assert data.train.label.bincount().tolist() == [3, 2]
    assert data.held_out.label.bincount().tolist() == [3, 2]
    assert Folder(tmp_path, size=8, labels=False).load().label is None


def test_one_class_folder_is_no_label(tmp_path):
    for i in range(2):
        noise(tmp_path / "all" / f"{i}.png", seed=i)
    _, rows = loaded(tmp_path)
    assert rows.label is None
    assert rows.spec.classes == ()


def test_images_beside_class_folders_are_an_error(tmp_path):
    noise(tmp_path / "a" / "1.png")
    noise(tmp_path / "2.png")
    with pytest.raises(UserError, match=r"data\.labels=false"):
        loaded(tmp_path)


def test_cover_crops_the_middle_and_fit_pads_white(tmp_path):
    image = np.zeros((10, 30, 3), dtype=np.uint8)
    image[:, 10:20] = (250, 120, 10)
    Image.fromarray(image).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    _, cover = loaded(tmp_path, size=10, resize="cover")
    color = torch.tensor([250, 120, 10], dtype=torch.uint8).view(1, 3, 1, 1)
    assert (cover.spec.to_units(cover.x) == color).all()
    _, fit = loaded(tmp_path, size=30, resize="fit")
    units = fit.spec.to_units(fit.x)
    assert (units[:, :, :9] == 255).all()
    assert (units[:, :, -9:] == 255).all()
    assert (units[:, :, 15, 15] == color[:, :, 0, 0]).all()


def test_resizing_is_antialiased(tmp_path):
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    units = pixel(tmp_path / "a.png", tmp_path).float()
    assert (units - 127.5).abs().max() < 3


def test_resize_none_keeps_size_and_refuses_mixtures(tmp_path):
    paint(tmp_path / "a.png", size=(20, 12))
    paint(tmp_path / "b.png", size=(20, 12))
    _, rows = loaded(tmp_path, resize="none")
    assert rows.spec.shape == (3, 12, 20)
    paint(tmp_path / "c.png", size=(9, 12))
    with pytest.raises(UserError, match=r"2 different sizes.*20x12 \(2\).*cover"):
        loaded(tmp_path, resize="none")


def test_grey_is_detected_in_rgb_files(tmp_path):
    paint(tmp_path / "a.png", (90, 90, 90))
    paint(tmp_path / "b.png", 91, mode="L")
    _, rows = loaded(tmp_path)
    assert rows.spec.channels == 1
    assert sorted(rows.spec.to_units(rows.x)[:, 0, 0, 0].tolist()) == [90, 91]
    assert loaded(tmp_path, color="rgb")[1].spec.channels == 3
    paint(tmp_path / "c.png", (90, 91, 90))
    assert loaded(tmp_path)[1].spec.channels == 3
    assert loaded(tmp_path, color="grey")[1].spec.channels == 1


@pytest.mark.parametrize(
    "mode,color,expected",
    [
        ("RGBA", (0, 0, 0, 0), 255),
        ("RGBA", (0, 0, 0, 51), 204),
        ("LA", (0, 0), 255),
        ("1", 1, 255),
    ],
)
def test_modes_end_over_white(tmp_path, mode, color, expected):
    units = pixel(paint(tmp_path / "a.png", color, mode=mode), tmp_path)
    assert units.unique().tolist() == [expected]


def test_transparent_palette_is_composited(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30] + [0] * 765)
    image.save(tmp_path / "a.png", transparency=0)
    assert pixel(tmp_path / "a.png", tmp_path).unique().tolist() == [255]


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    ramp = np.tile(np.linspace(0, 65535, 8).round().astype(np.uint16), (8, 1))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    units = pixel(tmp_path / "a.png", tmp_path)
    assert units[0, 0, 0].tolist() == np.linspace(0, 255, 8).round().astype(int).tolist()


def test_cmyk_jpeg(tmp_path):
    units = pixel(paint(tmp_path / "a.jpg", (0, 255, 255, 0), mode="CMYK"), tmp_path)
    assert units[0, 0].min() > 240
    assert units[0, 1:].max() < 15


def test_exif_rotation_is_honoured(tmp_path):
    image = Image.new("RGB", (16, 16), "black")
    image.paste("white", (0, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = 3
    image.save(tmp_path / "a.png", exif=exif)
    units = pixel(tmp_path / "a.png", tmp_path)[0, 0]
    assert units[0].max() == 0
    assert units[-1].min() == 255


def test_hidden_files_are_skipped(tmp_path):
    for i in range(3):
        noise(tmp_path / f"{i}.png", seed=i)
    (tmp_path / "._0.png").write_bytes(b"resource fork")
    (tmp_path / ".thumbs").mkdir()
    (tmp_path / ".thumbs" / "0.png").write_bytes(b"thumb")
    (tmp_path / "notes.txt").write_text("no image")
    assert len(loaded(tmp_path)[1]) == 3


def test_linked_folders_are_followed_once(tmp_path):
    for i in range(3):
        noise(tmp_path / "real" / f"{i}.png", seed=i)
    root = tmp_path / "set"
    root.mkdir()
    (root / "a").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(root)
    assert len(loaded(root)[1]) == 3


def broken(path, kind):
    good = noise(path.with_name("z.png"), size=(64, 64)).read_bytes()
    path.write_bytes({"empty": b"", "text": b"hello", "truncated": good[: len(good) // 2]}[kind])


@pytest.mark.parametrize("kind", ["empty", "text", "truncated"])
def test_unreadable_files_are_named(tmp_path, kind):
    for i in range(3):
        noise(tmp_path / f"{i}.png", seed=i)
    broken(tmp_path / "bad.png", kind)
    with pytest.raises(UserError, match=r"1 of 5 images.*bad\.png \(.+\).*on_bad_file=skip"):
        loaded(tmp_path)


def test_skipped_files_are_counted(tmp_path, caplog):
    for i in range(4):
        noise(tmp_path / ("a" if i % 2 else "b") / f"{i}.png", seed=i)
    (tmp_path / "a" / "0bad.png").write_bytes(b"bad")
    with caplog.at_level(logging.WARNING):
        _, rows = loaded(tmp_path, on_bad_file="skip")
    assert "skipped 1 of 5" in caplog.text
    assert rows.label.tolist() == [0, 0, 1, 1]


def test_too_few_readable_images_stop_even_with_skip(tmp_path):
    noise(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"bad")
    with pytest.raises(UserError, match="1 of 2"):
        loaded(tmp_path, on_bad_file="skip")


def test_decompression_bomb_is_refused(tmp_path, monkeypatch):
    noise(tmp_path / "a.png")
    noise(tmp_path / "b.png", size=(40, 40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UserError, match=r"b\.png \(.*1600 pixels"):
        loaded(tmp_path)


def test_path_must_be_given():
    with pytest.raises(UserError, match=r"data\.path=DIR"):
        Folder()


def test_missing_path_file_and_empty_folder(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        loaded(tmp_path / "nowhere")
    with pytest.raises(UserError, match="is a file"):
        loaded(noise(tmp_path / "sub" / "a.png"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds 0 images"):
        loaded(tmp_path / "empty")
    with pytest.raises(UserError, match="holds 1 images"):
        loaded(tmp_path / "sub")


@pytest.mark.parametrize(
    "bad",
    [
        {"size": 0},
        {"resize": "stretch"},
        {"color": "blue"},
        {"on_bad_file": "ignore"},
        {"in_memory": "maybe"},
    ],
)
def test_bad_values_are_refused_at_construction(tmp_path, bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Folder(tmp_path, **bad)


@pytest.fixture
def classes(tmp_path):
    for i in range(12):
        noise(tmp_path / "ab"[i % 2] / f"{i}.png", seed=i)
    return tmp_path


def batches(path, in_memory, **options):
    data = Folder(path, size=8, in_memory=in_memory, batch_size=3, **options)
    data.batches_seen = lambda: 1
    return data, list(data.train_dataloader())


@pytest.mark.parametrize("workers", [0, 1])
def test_reading_from_disk_gives_the_same_batches(classes, workers):
    memory, expected = batches(classes, True)
    disk, found = batches(classes, False, num_workers=workers)
    assert len(found) == len(expected) == 2
    for a, b in zip(found, expected, strict=True):
        assert torch.equal(a.x, b.x)
        assert torch.equal(a.label, b.label)
    assert torch.equal(disk.held_out.x, memory.held_out.x)


def test_fingerprint_follows_the_pixels_on_disk(classes):
    first = Folder(classes, size=8, in_memory=False).fingerprint()
    assert Folder(classes, size=8, in_memory=False).fingerprint() == first
    noise(classes / "a" / "0.png", seed=99)
    assert Folder(classes, size=8, in_memory=False).fingerprint() != first


def test_references_of_a_large_folder_are_bounded(classes, monkeypatch):
    row_bytes = 3 * 8 * 8 * 4
    monkeypatch.setattr(files, "IN_MEMORY_LIMIT", 2 * 3 * row_bytes)
    data = Folder(classes, size=8, in_memory=False)
    data.setup()
    assert len(data.train) == 3
    assert len(data.train_dataloader().sampler) == 1
    assert data.train_dataloader().sampler.sampler.n == 10


def test_auto_grey_from_disk(tmp_path):
    for i in range(3):
        paint(tmp_path / f"{i}.png", (50 + i, 50 + i, 50 + i))
    memory = loaded(tmp_path, in_memory=True)[1]
    disk = loaded(tmp_path, in_memory=False)[1]
    assert disk.spec == memory.spec
    assert torch.equal(disk.batch(torch.arange(3)).x, memory.x)
