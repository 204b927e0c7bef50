from xml.etree import ElementTree

import pytest

from gan_lab.errors import UserError
from gan_lab.evaluation.junit import junit_xml
from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.score import Receipt, Score, versions
from gan_lab.evaluation.thresholds import parse_limits

RECEIPT = Receipt("values", "0" * 64, "none", 10, 10, "halves", 0, "ema", "1" * 64, versions())


@pytest.fixture
def evaluation():
    score = Score("frechet", "faithful", 2.0, (1.0, 3.0), 1.0, (0.8, 1.2), "lower", RECEIPT)
    verdict = Verdict("faithful", "no", "Not <faithful> & so on.")
    return Evaluation("run <1>", "ring", "points", (verdict,), (score,))


def test_limits_fail_and_verdicts_are_read(evaluation):
    suite = ElementTree.fromstring(junit_xml(evaluation, parse_limits("frechet:1"), 3.21))
    counts = [suite.get(k) for k in ("name", "tests", "failures", "skipped", "time")]
    assert counts == ["run <1> against ring", "2", "1", "1", "3.2"]
    limit, verdict = suite.findall("testcase")
    assert limit.get("name") == "frechet:1"
    assert limit.find("failure").get("message") == "frechet is 2, above 1"
    assert verdict.get("name") == "faithful: no"
    assert verdict.find("skipped").get("message") == "Not <faithful> & so on."


def test_a_limit_that_is_kept_passes(evaluation):
    suite = ElementTree.fromstring(junit_xml(evaluation, parse_limits("frechet:3")))
    assert suite.get("failures") == "0"
    assert list(suite.find("testcase")) == []


def test_an_unknown_limit_is_refused(evaluation):
    with pytest.raises(UserError, match="no score 'fid'"):
        junit_xml(evaluation, parse_limits("fid:3"))
