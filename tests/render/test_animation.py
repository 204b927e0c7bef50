import pytest
from PIL import Image

from gan_lab.errors import UserError
from gan_lab.render.animation import save_animation


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_frames_are_kept_and_padded(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    colours = ["red", "green", "blue"]
    save_animation([Image.new("RGB", (20 + i, 30), c) for i, c in enumerate(colours)], path)
    with Image.open(path) as film:
        assert film.n_frames == 3
        assert film.size == (22, 30)


def test_no_frames_is_an_error(tmp_path):
    with pytest.raises(UserError, match="needs frames"):
        save_animation([], tmp_path / "film.webp")


def test_unknown_suffix_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"\.webp or \.gif"):
        save_animation([Image.new("RGB", (2, 2))], tmp_path / "film.mp4")
