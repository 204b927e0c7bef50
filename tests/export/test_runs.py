import os

import pytest

from gan_lab.errors import UserError
from gan_lab.export.runs import find_run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for age, name in enumerate(["a/new", "a/old", "b/oldest"]):
        marker = tmp_path / "outputs" / name / "generator/config.yaml"
        marker.parent.mkdir(parents=True)
        marker.touch()
        os.utime(marker, (1000 - age, 1000 - age))
    (tmp_path / "outputs/a/unfinished").mkdir()
    return tmp_path


def test_latest_is_the_newest_finished_run(runs):
    assert find_run().name == "new"
    assert find_run("latest").name == "new"
    assert find_run("outputs/b/latest").name == "oldest"


def test_a_path_to_a_run_or_its_generator(runs):
    assert find_run("outputs/a/old").name == "old"
    assert find_run("outputs/a/old/generator").name == "old"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outputs/a", "holds some; try"),
        ("outputs/c", "does not exist"),
        ("outputs/a/unfinished", "no exported generator"),
        ("nowhere/latest", "no finished run"),
    ],
)
def test_mistakes_say_what_to_do(runs, text, message):
    with pytest.raises(UserError, match=message):
        find_run(text)
