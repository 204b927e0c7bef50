"""The table in docs/health.md is the code."""

import re
from pathlib import Path

import pytest

from gan_lab.metrics.health import State, thresholds

DOCS = Path(__file__).parents[3] / "docs/health.md"
SOURCE = Path(thresholds.__file__).read_text()
FOUND = re.findall(r'^([A-Z_]+) = (\S+)\n"""(.*?)"""', SOURCE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("name", "value", "reason"), FOUND)
def test_every_threshold_stands_in_the_documentation_with_its_reason(name, value, reason):
    assert f"| `{name}` | {value} | {' '.join(reason.split())} |" in DOCS.read_text()


def test_every_threshold_has_a_reason():
    assert {f[0] for f in FOUND} == {name for name in vars(thresholds) if name.isupper()}


@pytest.mark.parametrize("state", list(State))
def test_every_state_stands_in_the_documentation_with_its_number(state):
    assert f"| {state.number} | {state} |" in DOCS.read_text()
