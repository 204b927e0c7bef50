"""Random tables, configurations, specs, manifests and headers: refused in a line, or right.

Hypothesis shapes them here, in CI; `scripts/fuzz/run.py` goes on with the coverage-guided fuzzer.
"""

import json
import runpy
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gan_lab.config import CONFIG_DIR
from gan_lab.data.table import Table
from gan_lab.errors import UserError

SCRIPTS = Path(CONFIG_DIR).parent / "scripts/fuzz"
TARGETS = runpy.run_path(str(SCRIPTS / "targets.py"))
many = settings(
    max_examples=1000, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
few = settings(many, max_examples=200)

ODD = ["", " ", "NaN", "inf", "-1e400", "1e400", "x", "1,5", '"', "=A1", "2024-02-30", "\x00", "é"]
CELL = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(ODD),
    st.text(max_size=6),
    st.dates().map(str),
)
LINES = st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=0, max_size=9)


@pytest.mark.slow
@many
@given(LINES, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["", "date,a,b\n"]))
@example([["1", "2"], ["3"]], ",", "")
def test_tables_of_any_cells(lines, separator, header):
    text = header + "\n".join(separator.join(row) for row in lines)
    TARGETS["table"](text.encode(errors="replace"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip
CONFIG = yaml.safe_load(TARGETS["SEEDS"]["config"][0])
SPEC = json.loads(TARGETS["SEEDS"]["spec"][0])


def changed(whole, key, value, deep):
    """One value of a good file replaced, at the top or inside."""
    copy = json.loads(json.dumps(whole))
    inside = [v for v in copy.values() if isinstance(v, dict)]
    place = inside[0] if deep and inside else copy
    names = sorted(place)
    place[names[key % len(names)]] = value
    return copy


@pytest.mark.slow
@many
@given(st.integers(0, 20), JSON, st.booleans())
def test_configurations_with_any_value(key, value, deep):
    text = yaml.safe_dump(changed(CONFIG, key, value, deep), allow_unicode=True)
    TARGETS["config"](text.encode(errors="replace"))


@few
@given(st.integers(0, 20), JSON, st.booleans())
def test_specs_with_any_value(key, value, deep):
    TARGETS["spec"](json.dumps(changed(SPEC, key, value, deep)).encode())


@few
@given(st.binary(max_size=200), st.sampled_from(["config", "spec", "sums", "header", "table"]))
def test_bytes_of_any_kind(content, name):
    TARGETS[name](content)


@few
@given(JSON, st.binary(max_size=64))
def test_headers_of_any_json(value, data):
    text = json.dumps(value).encode()
    TARGETS["header"](struct.pack("<Q", len(text)) + text + data)


@few
@given(
    st.lists(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=2), min_size=12, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_is_what_is_read(tmp_path, rows, separator):
    values = np.array(rows)
    head, *lines = (separator.join(map(str, row)) for row in [["a", "b"], *values.tolist()])
    (tmp_path / "t.csv").write_text("\n".join([head, *lines]))
    table = Table(tmp_path / "t.csv", window=4, constant="keep")
    np.testing.assert_array_equal(table.examine().histories[0].values, values)


@pytest.mark.slow
def test_twenty_seconds_of_the_fuzzer():
    pytest.importorskip("atheris", reason="pip install atheris")
    command = [sys.executable, str(SCRIPTS / "run.py"), "all", "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_harness_notices_what_it_is_for(monkeypatch):
    """A parser that raises something else, or several lines, is a finding."""
    allowed = TARGETS["refusals_only"]
    with allowed():
        raise UserError("one line")
    with pytest.raises(AssertionError), allowed():
        raise UserError("two\nlines")
    with pytest.raises(KeyError), allowed():
        raise KeyError("x")
