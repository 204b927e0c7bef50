import pytest
import torch

from gan_lab.cli import threads
from gan_lab.errors import UserError


@pytest.fixture(autouse=True)
def _one_thread_afterwards():
    yield
    torch.set_num_threads(1)


def test_a_number_is_obeyed():
    assert threads.set_threads(2) == 2
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("wanted", [0, -1, "many", 1.5, True, None])
def test_anything_else_is_a_mistake(wanted):
    with pytest.raises(UserError, match="threads is"):
        threads.set_threads(wanted)


@pytest.mark.parametrize(("one", "all_", "chosen"), [(1.0, 0.5, 4), (1.0, 0.95, 1), (1.0, 8.0, 1)])
def test_more_threads_only_where_they_are_clearly_faster(monkeypatch, one, all_, chosen):
    monkeypatch.setattr(threads, "trial", lambda: one if torch.get_num_threads() == 1 else all_)
    assert threads.fastest(4) == chosen


def test_the_choice_is_timed_once_and_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    timed = iter([4, 1, 8])
    monkeypatch.setattr(threads, "fastest", lambda most: next(timed))
    assert [threads.remembered(4) for _ in range(3)] == [4, 4, 4]
    (tmp_path / "gan_lab" / "threads.json").write_text("damaged")
    assert threads.remembered(4) == 1
    assert threads.remembered(8) == 8
    assert threads.remembered(1) == 1


def test_omp_num_threads_is_a_limit(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert threads.available() == 1
    assert threads.set_threads("auto") == 1


def test_the_trial_leaves_the_random_state_alone():
    before = torch.get_rng_state()
    assert threads.trial(2) > 0
    assert torch.equal(before, torch.get_rng_state())
