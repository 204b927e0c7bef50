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


def test_a_resumed_table_has_what_an_uninterrupted_one_would_have(tmp_path):
    path = tmp_path / "metrics.csv"
    table = Table(path)
    for step in (2, 4, 5):
        late = {"eval/late": 1.0} if step == 5 else {}
        table.append({"step": step, "images": step, "seconds": 1.0, "loss": 0.5, **late})
    with path.open("a") as file:
        file.write("6,6,1.")
    again = Table(path)
    again.cut(5, every=2)
    assert [row["step"] for row in read(tmp_path)] == ["2", "4"]
    assert list(read(tmp_path)[0]) == ["step", "images", "seconds", "loss"]
    again.append({"step": 6, "images": 6, "seconds": 1.0, "loss": 0.5, "eval/late": 2.0})
    assert [row["eval/late"] for row in read(tmp_path)] == ["", "", "2"]
    again.cut(0)
    assert not path.exists()
