"""An evaluation as JUnit XML: verdicts and limits as test cases, for servers that show those."""

from collections.abc import Sequence
from xml.etree import ElementTree

from gan_lab.evaluation.result import Evaluation, Verdict
from gan_lab.evaluation.thresholds import Limit, failures


def junit_xml(evaluation: Evaluation, limits: Sequence[Limit], seconds: float = 0.0) -> bytes:
    """One suite of two classes: `limit`, which may fail, and `verdict`, which is there to be read.

    Verdicts are skipped cases with their text: only a limit, which someone has set on purpose,
    fails a build.

    Args:
        evaluation: What was found.
        limits: What was asked for.
        seconds: Time that the evaluation took.

    Raises:
        UserError: If a limit names no score.
    """
    failed = {limit.name: failures(evaluation, [limit]) for limit in limits}
    suite = ElementTree.Element(
        "testsuite",
        name=f"{evaluation.name} against {evaluation.data}",
        tests=str(len(limits) + len(evaluation.verdicts)),
        failures=str(sum(map(bool, failed.values()))),
        skipped=str(len(evaluation.verdicts)),
        errors="0",
        time=f"{seconds:.1f}",
    )
    for limit in limits:
        _limit(suite, limit, failed[limit.name])
    for verdict in evaluation.verdicts:
        _verdict(suite, verdict)
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _limit(suite: ElementTree.Element, limit: Limit, sentences: list[str]) -> None:
    name = f"{limit.name}:{limit.worst:g}"
    case = ElementTree.SubElement(suite, "testcase", classname="limit", name=name)
    for sentence in sentences:
        ElementTree.SubElement(case, "failure", message=sentence).text = sentence


def _verdict(suite: ElementTree.Element, verdict: Verdict) -> None:
    name = f"{verdict.question}: {verdict.answer}"
    case = ElementTree.SubElement(suite, "testcase", classname="verdict", name=name)
    ElementTree.SubElement(case, "skipped", message=verdict.text)
