import torch

from gan_lab.evaluation.repeats import Rows, repeated


def mean_gap(a, b):
    return {"gap": float(b["x"].mean() - a["x"].mean())}


def normal(n, mean, seed):
    return Rows({"x": mean + torch.randn(n, generator=torch.Generator().manual_seed(seed))})


def test_the_interval_is_that_of_the_whole_sample():
    """Half samples have the standard error of the whole: sqrt(2 / N) for a gap of two means."""
    n = 2000
    found = repeated(
        [mean_gap], real=normal(n, 0.0, 1), fake=normal(n, 1.0, 2), seed=0, repeats=31
    )["gap"]
    half = (found.interval[1] - found.interval[0]) / 2
    assert 0.6 < half / (2.04 * (2 / n) ** 0.5) < 1.5
    assert found.interval[0] < 1 < found.interval[1]
    assert found.n == n // 2


def test_the_floor_holds_zero_and_is_wider_than_the_interval():
    found = repeated(
        [mean_gap], real=normal(400, 0.0, 1), fake=normal(400, 0.0, 2), seed=0, repeats=31
    )["gap"]
    assert found.floor_interval[0] < 0 < found.floor_interval[1]
    assert found.floor_interval[1] > (found.interval[1] - found.interval[0]) / 2


def test_drift_compares_the_halves_of_the_history():
    real = Rows({"x": torch.cat([torch.zeros(50), torch.ones(50)])})
    found = repeated([mean_gap], real=real, fake=real, seed=0, ordered=True)["gap"]
    assert found.drift == 1.0
    assert repeated([mean_gap], real=real, fake=real, seed=0)["gap"].drift is None
