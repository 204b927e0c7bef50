from dataclasses import replace

import pytest

from gan_lab.errors import UserError
from gan_lab.evaluation.compare import compare
from gan_lab.evaluation.result import Evaluation
from gan_lab.evaluation.score import Receipt, Score, versions
from gan_lab.evaluation.thresholds import failures, parse_limits

RECEIPT = Receipt("values", "0" * 64, "none", 10, 10, "halves", 0, "ema", "1" * 64, versions())


def score(value=1.0, half=0.1, better="lower", name="frechet", receipt=RECEIPT, drift=None):
    interval = (value - half, value + half)
    return Score(name, "faithful", value, interval, 1.0, (0.8, 1.2), better, receipt, drift)


def evaluation(name, *scores):
    return Evaluation(name, "ring", "points", (), scores)


@pytest.mark.parametrize(
    ("value", "better", "like_real"),
    [
        (1.25, "lower", True),
        (1.4, "lower", False),
        (0.1, "lower", True),
        (0.1, "higher", False),
        (9.0, "higher", True),
        (0.1, "floor", False),
        (9.0, "floor", False),
        (1.0, "floor", True),
    ],
)
def test_like_real_is_that_the_intervals_meet(value, better, like_real):
    assert score(value, better=better).like_real is like_real


def test_a_history_that_drifts_widens_the_floor():
    assert not score(2.0).like_real
    assert score(2.0, drift=1.95).like_real


def test_receipts_name_their_difference():
    other = replace(RECEIPT, n_fake=20, seed=1)
    assert RECEIPT.differences(other) == ["n_fake: 10 and 20", "seed: 0 and 1"]
    assert RECEIPT.differences(other, allow=("seed",)) == ["n_fake: 10 and 20"]


def test_unlike_receipts_are_refused():
    a, b = evaluation("a", score()), evaluation("b", score(receipt=replace(RECEIPT, weights="raw")))
    message = "a and b cannot be compared: the receipts of frechet differ in weights: ema and raw"
    with pytest.raises(UserError, match=message):
        compare([a, b])
    assert len(compare([a, b], differ=("weights",)).lines) == 1


def test_the_best_run_comes_first_where_intervals_are_apart():
    a = evaluation("a", score(2.0), score(1.0, name="recall", better="higher"))
    b = evaluation("b", score(1.0), score(1.05, name="recall", better="higher"))
    found = compare([a, b])
    assert [run.name for run in found.runs] == ["b", "a"]
    assert found.wins == (1, 0)
    assert [line.significant for line in found.lines] == [True, False]
    assert [[cell.best for cell in line.cells] for line in found.lines] == [
        [True, False],
        [True, True],
    ]


def test_the_floor_is_best_where_more_is_not_better():
    runs = [evaluation(n, score(v, better="floor")) for n, v in (("far", 3.0), ("near", 1.1))]
    assert [run.name for run in compare(runs).runs] == ["near", "far"]


def test_limits():
    run = evaluation("a", score(2.0), score(0.5, name="precision", better="higher"))
    assert failures(run, parse_limits("frechet:3, precision:0.5")) == []
    assert failures(run, parse_limits("frechet:1.5,precision:0.6")) == [
        "frechet is 2, above 1.5",
        "precision is 0.5, below 0.6",
    ]
    assert len(failures(evaluation("a", score(float("nan"))), parse_limits("frechet:3"))) == 1
    with pytest.raises(UserError, match="no score 'precison'; did you mean 'precision'"):
        failures(run, parse_limits("precison:1"))
    with pytest.raises(UserError, match="expected NAME:NUMBER"):
        parse_limits("frechet=1")
