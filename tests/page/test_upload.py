import base64
import io

import pytest
import torch
from PIL import Image

from gan_lab.errors import UserError
from gan_lab.page import limits
from gan_lab.page.upload import sample_of_image, sample_of_text, sample_of_upload
from gan_lab.spec import DataSpec

GREY = DataSpec(
    "g", "images", 1, (8, 8), scale=(8.0,), offset=(8.0,), bounds=(0.0, 16.0), integer=True
)
COLOUR = DataSpec(
    "c", "images", 3, (4, 6), scale=(127.5,), offset=(127.5,), bounds=(0.0, 255.0), integer=True
)
SERIES = DataSpec("s", "series", 2, (3,), scale=(2.0,), offset=(1.0,))
POINTS = DataSpec("p", "points", 2, scale=(2.0,))


def png(pixels, kind="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(pixels.to(torch.uint8).numpy()).save(buffer, kind)
    return buffer.getvalue()


def upload(content, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_pixels_of_the_right_size_come_through():
    units = torch.arange(64).reshape(8, 8) % 17
    x = sample_of_upload(upload(png((units * 255 / 16).round())), GREY)
    assert x.shape == (1, 1, 8, 8)
    assert torch.equal(GREY.to_units(x)[0, 0], units.to(torch.uint8))


def test_colours_and_their_order_are_kept():
    pixels = torch.randint(256, (4, 6, 3))
    x = sample_of_image(png(pixels), COLOUR)
    assert torch.equal(COLOUR.to_units(x)[0].permute(1, 2, 0), pixels.to(torch.uint8))


def test_other_sizes_are_cut_to_the_middle_and_averaged():
    pixels = torch.zeros(16, 48)
    pixels[:, 16:32] = 255
    assert torch.equal(
        GREY.to_units(sample_of_image(png(pixels), GREY)).float(), torch.full((1, 1, 8, 8), 16.0)
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"GIF89a" + b"0" * 20,
        png(torch.zeros(9, 9), "GIF"),
        png(torch.zeros(9, 9))[:40],
    ],
)
def test_refuses_what_is_no_picture(content):
    with pytest.raises(UserError, match="expected a PNG, JPEG or WebP"):
        sample_of_upload(upload(content), GREY)


def test_refuses_many_pixels_before_reading_them():
    buffer = io.BytesIO()
    Image.new("1", (5000, 5000)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < limits.UPLOAD
    with pytest.raises(UserError, match="5000 by 5000 pixels; expected at most 16 million"):
        sample_of_image(buffer.getvalue(), GREY)


def test_refuses_large_files():
    with pytest.raises(UserError, match="larger than 4 MB"):
        sample_of_upload(upload(b"0" * (limits.UPLOAD + 10)), GREY)


@pytest.mark.parametrize(
    "content", ["", "data:image/png", "data:image/png;base64,%%%", "file:///etc/passwd"]
)
def test_refuses_damaged_uploads(content):
    with pytest.raises(UserError, match="damaged"):
        sample_of_upload(content, GREY)


@pytest.mark.parametrize("mark", [",", ";", "\t", " ", ", "])
def test_last_window_of_pasted_rows(mark):
    rows = [[9.0, 9.0], [1.0, 2.0], [3.0, 4.0], [5.0, -6.5]]
    text = "\n".join(["up" + mark + "down", *(mark.join(map(str, row)) for row in rows)])
    x = sample_of_text(text, SERIES)
    assert SERIES.to_units(x)[0].T.tolist() == rows[1:]


def test_one_pasted_point():
    assert POINTS.to_units(sample_of_text(" 1.5, -2 \n", POINTS)).tolist() == [[1.5, -2.0]]


def test_text_file_is_read_as_numbers():
    x = sample_of_upload(upload(b"1,2\n3,4\n5,6\n", "text/csv"), SERIES)
    assert SERIES.to_units(x)[0, 0].tolist() == [1, 3, 5]
    with pytest.raises(UserError, match="no text"):
        sample_of_upload(upload(b"\xff\xfe\x00"), SERIES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 rows of numbers; expected 3"),
        ("1,2\n3,4", "2 rows"),
        ("1,2\n3,4\n5", "row 3: 1 numbers; expected 2"),
        ("1,2\n3,x\n5,6", "row 2: '3,x'"),
        ("1,2\n3,inf\n5,6", "expected finite numbers"),
        ("1,2\n3,1e999\n5,6", "expected finite numbers"),
        ("1 " * limits.TEXT, "paste less"),
    ],
)
def test_refuses_other_text(text, words):
    with pytest.raises(UserError, match=words):
        sample_of_text(text, SERIES)
