import os
import random
import shutil

import pytest
import torch

from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import ClockCallback, StopAfter
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import (
    is_whole,
    newest_whole,
    read_checkpoint,
    read_sums,
    write_checkpoint,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def small(value):
    return {"gan_lab": {"steps": value}, "callbacks": {}, "w": torch.full((8,), float(value))}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def value(path):
    return read_checkpoint(path)["gan_lab"]["steps"]


class Metric(ClockCallback):
    """Values of `fid` after each step; the last one holds at the end too."""

    def __init__(self, *values, at_end=None):
        self.values, self.at_end = values, at_end

    def step(self, trainer, model):
        model.last_terms["fid"] = torch.tensor(self.values[model.steps - 1])

    def end(self, trainer, model):
        if self.at_end is not None:
            model.last_terms["fid"] = torch.tensor(self.at_end)


def test_names_count_generator_steps_and_old_ones_go(fit, tmp_path):
    fit(StopAfter(7), Checkpoints(every=2, keep=2))
    folder = tmp_path / "checkpoints"
    kept = ["last.ckpt", "step-000006.ckpt", "step-000007.ckpt"]
    assert names(folder) == ["SHA256SUMS", *kept]
    assert sorted(read_sums(folder)) == kept
    assert all(is_whole(folder / name) for name in kept)
    assert [value(folder / name) for name in kept] == [7, 6, 7]


@pytest.mark.parametrize(("mode", "best"), [("min", 2), ("max", 3)])
def test_best_follows_the_metric(fit, tmp_path, mode, best):
    saver = Checkpoints(every=1, metric="fid", mode=mode)
    fit(StopAfter(3), Metric(2.0, 1.0, 3.0), saver)
    assert value(tmp_path / "checkpoints/best.ckpt") == best


def test_nan_is_never_best(fit, tmp_path):
    fit(StopAfter(1), Metric(float("nan")), Checkpoints(every=1, metric="fid"))
    assert not (tmp_path / "checkpoints/best.ckpt").exists()


def test_a_value_that_only_the_end_has_measured_is_not_forgotten(fit, tmp_path):
    last, best = (tmp_path / "checkpoints" / name for name in ("last.ckpt", "best.ckpt"))
    saver = Checkpoints(every=1, metric="fid")
    fit(StopAfter(2), Metric(5.0, 5.0, at_end=1.0), saver)
    assert float(read_checkpoint(best)["gan_lab"]["last_terms"]["fid"]) == 1.0
    assert float(read_checkpoint(last)["gan_lab"]["last_terms"]["fid"]) == 5.0
    resumed = Checkpoints(every=1, metric="fid")
    fit(StopAfter(3), Metric(5.0, 5.0, 2.0), resumed, ckpt_path=last)
    assert resumed.best == 1.0
    assert value(best) == 2


def test_a_best_file_of_later_steps_is_no_bar(fit, tmp_path):
    fit(StopAfter(3), Metric(5.0, 4.0, 1.0), Checkpoints(every=1, keep=9, metric="fid"))
    resumed = Checkpoints(every=1, metric="fid")
    earlier = tmp_path / "checkpoints/step-000002.ckpt"
    fit(StopAfter(3), Metric(5.0, 4.0, 2.0), resumed, ckpt_path=earlier)
    assert resumed.best == 2.0


def test_last_falls_back_to_the_newest_good_file(tmp_path):
    for step in (1, 2, 3):
        write_checkpoint(small(step), tmp_path / f"step-{step:06d}.ckpt")
    write_checkpoint(small(4), tmp_path / "last.ckpt")
    assert newest_whole(tmp_path) == (tmp_path / "last.ckpt", [])
    for name in ("last.ckpt", "step-000003.ckpt"):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-1])
    damaged = [tmp_path / "last.ckpt", tmp_path / "step-000003.ckpt"]
    assert newest_whole(tmp_path) == (tmp_path / "step-000002.ckpt", damaged)


def test_every_mutation_is_noticed(tmp_path):
    path, draw = tmp_path / "last.ckpt", random.Random(0)
    write_checkpoint(small(1), path)
    good = path.read_bytes()
    for k in range(600):
        bad = bytearray(good)
        place = draw.randrange(len(bad))
        if k % 3 == 0:
            bad[place] ^= 1 << draw.randrange(8)
        elif k % 3 == 1:
            del bad[place:]
        else:
            bad[place : place + 64] = draw.randbytes(64)
        assert bytes(bad) != good
        path.write_bytes(bad)
        assert not is_whole(path)
    path.write_bytes(good)
    assert is_whole(path)


def test_a_kill_between_hash_and_file_leaves_a_good_file(tmp_path, monkeypatch):
    path = tmp_path / "last.ckpt"
    write_checkpoint(small(1), path)
    replace = os.replace

    def kill(source, target):
        if os.fspath(target).endswith(".ckpt"):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(small(2), path)
    assert len(read_sums(tmp_path)["last.ckpt"]) == 2
    assert is_whole(path)
    assert value(path) == 1
    monkeypatch.undo()
    write_checkpoint(small(3), path)
    assert len(read_sums(tmp_path)["last.ckpt"]) == 1
    assert value(path) == 3


def test_a_file_system_without_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write_checkpoint(small(1), tmp_path / "step-000001.ckpt", ["last.ckpt"])
    assert is_whole(tmp_path / "last.ckpt")
    assert names(tmp_path) == ["SHA256SUMS", "last.ckpt", "step-000001.ckpt"]


def test_code_in_a_checkpoint_is_refused(tmp_path, monkeypatch):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "marker"),)

    torch.save({"gan_lab": Evil()}, tmp_path / "evil.ckpt")
    with pytest.raises(UserError, match=r"evil\.ckpt cannot be read"):
        read_checkpoint(tmp_path / "evil.ckpt")
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(UserError, match="unset it"):
        read_checkpoint(tmp_path / "evil.ckpt")
    assert not (tmp_path / "marker").exists()


def test_what_is_no_checkpoint_is_named(tmp_path):
    torch.save({"w": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(UserError, match="no checkpoint of gan_lab"):
        read_checkpoint(tmp_path / "other.pt")
    shutil.copy(__file__, tmp_path / "text.ckpt")
    with pytest.raises(UserError, match="cannot be read"):
        read_checkpoint(tmp_path / "text.ckpt")


@pytest.mark.parametrize("arguments", [{"every": 0}, {"keep": 0}, {"mode": "best"}])
def test_wrong_settings_are_the_users_mistake(arguments):
    with pytest.raises(UserError, match=next(iter(arguments))):
        Checkpoints(**arguments)
