import pytest

from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import StopAfter, every_n
from gan_lab.errors import UserError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


@pytest.mark.parametrize("max_steps", [1, 5, 7])
def test_stops_exactly_with_two_optimizers(fit, max_steps):
    """5 batches make an epoch: inside one, at its end and in the second one."""
    trainer, model = fit(StopAfter(max_steps))
    assert model.steps == max_steps
    assert trainer.global_step == 2 * max_steps  # Lightning counts both optimizers


def test_complete_run_makes_no_further_step(fit, tmp_path):
    fit(StopAfter(3), Checkpoints(every=3))
    _, model = fit(StopAfter(3), ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert model.steps == 3


def test_resumed_run_stops_at_the_same_total(fit, tmp_path):
    fit(StopAfter(3), Checkpoints(every=3))
    _, model = fit(StopAfter(6), ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert model.steps == 6


def test_nothing_is_due_before_the_first_step():
    assert not every_n(0, 5)
    assert every_n(10, 5)
    assert not every_n(11, 5)


def test_zero_steps_is_the_users_mistake():
    with pytest.raises(UserError, match="max_steps is 0"):
        StopAfter(0)
