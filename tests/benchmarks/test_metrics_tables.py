"""What the tables of scores say, on fewer seeds: what sees a failure, how often tests reject."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts" / "benchmarks"
pytestmark = pytest.mark.slow


def loaded(name):
    loading = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(loading)
    sys.modules[name] = module
    loading.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def series():
    return loaded("metrics_sensitivity_series")


@pytest.fixture(scope="module")
def rows(series):
    return series.windows()


SEES = {
    "time reversed": {"cross_correlation", "granger_strength"},
    "copies": {"authenticity", "data_copying"},
    "collapsed": {"recall", "vendi"},
}
BLIND = {
    "time reversed": {"acf", "acf_size", "spectrum", "marginal_wasserstein", "precision"},
    "copies": {"precision", "recall", "acf", "marginal_ks"},
    "collapsed": {"precision", "authenticity"},
}


@pytest.mark.parametrize("failure", SEES)
def test_what_sees_a_failure_of_series_and_what_does_not(series, rows, failure):
    evaluations = [series.spoilt(failure, rows, seed) for seed in range(3)]
    for name in SEES[failure]:
        assert not any(e.score(name).like_real for e in evaluations), name
    for name in BLIND[failure]:
        assert sum(e.score(name).like_real for e in evaluations) >= 2, name
    novel = {e.verdict("novel").answer for e in evaluations}
    assert (novel == {"no"}) is (failure == "copies")


def test_tests_keep_their_level_and_find_copies():
    """30 repetitions: at a rate of .05 more than 5 rejections have a probability of .3 %."""
    calibration = loaded("metrics_calibration")
    digits = calibration.Digits8().load().x
    rates = calibration.null(digits, 30)
    naive = {name for name in rates if name.endswith("naive")}
    for name in rates.keys() - naive:
        assert rates[name] <= 5 / 30 if "cells" not in name else rates[name] <= 0.07, name
    make, tests = calibration.ALTERNATIVES["30 % copies"]
    for seed in range(3):
        train, held_out, fresh, rng = calibration.parts_of(digits, 500 + seed)
        found = calibration.of_rows(train, held_out, make(train, fresh, rng), rng)
        assert all(found[name] for name in tests)
