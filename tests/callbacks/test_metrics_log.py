import csv

import pytest
from pytorch_lightning.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.metrics_log import MetricsLog, Table

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def read(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_rows_hold_clock_and_terms(fit, tmp_path):
    fit(StopAfter(5), MetricsLog(), log_every=2)
    rows = read(tmp_path)
    assert [row["step"] for row in rows] == ["2", "4", "5"]
    assert [row["images"] for row in rows] == ["16", "32", "40"]
    for row in rows:
        assert float(row["loss/generator"]) == pytest.approx(2 * float(row["loss/critic"]))
    assert [row["penalty/r1"] for row in rows] == ["", "0.5", "0.5"]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)


def test_scalars_reach_tensorboard_at_generator_steps(fit, tmp_path):
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    fit(StopAfter(4), MetricsLog(), log_every=2, logger=logger)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [e.step for e in events.Scalars("loss/critic")] == [2, 4]
    assert [e.value for e in events.Scalars("clock/images")] == [16, 32]


def test_resumed_run_goes_on_in_the_same_table(fit, tmp_path):
    fit(StopAfter(4), Checkpoints(every=4), MetricsLog(), log_every=1)
    fit(StopAfter(6), MetricsLog(), log_every=1, ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert [row["step"] for row in read(tmp_path)] == ["1", "2", "3", "4", "5", "6"]


def test_rows_after_the_resumed_step_go(tmp_path):
    table = Table(tmp_path / "metrics.csv")
    for step in (1, 2, 3):
        table.append({"step": step, "images": step, "seconds": 1.0})
    again = Table(tmp_path / "metrics.csv")
    again.cut(2)
    assert [row["step"] for row in read(tmp_path)] == ["1", "2"]
