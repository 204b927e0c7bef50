import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from gan_lab.callbacks.checkpoint import Checkpoints, copy_whole, save_whole
from gan_lab.callbacks.clock import StopAfter
from gan_lab.errors import UserError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def fake_trainer(folder, content=b"new", error=None):
    def save_checkpoint(path):
        Path(path).write_bytes(content)
        if error is not None:
            raise error

    return Mock(
        spec=pl.Trainer,
        default_root_dir=str(folder),
        is_global_zero=True,
        save_checkpoint=save_checkpoint,
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_names_count_generator_steps_and_old_ones_go(fit, tmp_path):
    fit(StopAfter(7), Checkpoints(every=2, keep=2))
    folder = tmp_path / "checkpoints"
    assert names(folder) == ["last.ckpt", "step-000006.ckpt", "step-000007.ckpt"]
    assert torch.load(folder / "last.ckpt", weights_only=True)["steps"] == 7
    assert torch.load(folder / "step-000006.ckpt", weights_only=True)["steps"] == 6


def test_last_and_step_share_one_save(tmp_path):
    trainer, saver = fake_trainer(tmp_path), Checkpoints(every=2)
    saver._save(trainer, 2, {})
    saver._save(fake_trainer(tmp_path, b"newer"), 4, {})
    folder = tmp_path / "checkpoints"
    assert (folder / "step-000002.ckpt").read_bytes() == b"new"
    assert (folder / "last.ckpt").read_bytes() == b"newer"


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"old")
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(UserError, match=r"last\.ckpt cannot be written: No space left"):
        save_whole(fake_trainer(tmp_path, b"ha", full), path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["last.ckpt"]


@pytest.mark.parametrize("error", [RuntimeError("enforce fail"), KeyboardInterrupt()])
def test_any_failure_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        save_whole(fake_trainer(tmp_path, b"ha", error), path)
    assert names(tmp_path) == ["last.ckpt"]
    assert path.read_bytes() == b"old"


def test_copy_without_hard_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("gan_lab.callbacks.checkpoint.os.link", refuse)
    (tmp_path / "a").write_bytes(b"whole")
    copy_whole(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"whole"


@pytest.mark.parametrize(("mode", "best"), [("min", b"second"), ("max", b"third")])
def test_best_follows_the_metric(tmp_path, mode, best):
    saver = Checkpoints(every=1, metric="fid", mode=mode)
    values = zip((b"first", b"second", b"third"), (2.0, 1.0, 3.0), strict=True)
    for step, (content, value) in enumerate(values, start=1):
        saver._save(fake_trainer(tmp_path, content), step, {"fid": torch.tensor(value)})
    assert (tmp_path / "checkpoints" / "best.ckpt").read_bytes() == best


def test_nan_is_never_best(tmp_path):
    saver = Checkpoints(every=1, metric="fid")
    saver._save(fake_trainer(tmp_path), 1, {"fid": torch.tensor(float("nan"))})
    assert not (tmp_path / "checkpoints" / "best.ckpt").exists()


def test_best_value_survives_resume():
    saver, resumed = Checkpoints(metric="fid"), Checkpoints(metric="fid")
    saver.best = 1.5
    resumed.load_state_dict(saver.state_dict())
    assert resumed.best == 1.5


@pytest.mark.parametrize("arguments", [{"every": 0}, {"keep": 0}, {"mode": "best"}])
def test_wrong_settings_are_the_users_mistake(arguments):
    with pytest.raises(UserError, match=next(iter(arguments))):
        Checkpoints(**arguments)
