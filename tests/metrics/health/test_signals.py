import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.metrics.health import Layer, Signals, State, word_of

NUMBERS = [f.name for f in dataclasses.fields(Signals) if f.type == float | None]


@given(st.dictionaries(st.sampled_from(NUMBERS), st.floats(allow_nan=False)), st.integers(0))
def test_plain_values_come_back(values, step):
    layers = (Layer("critic", "head.weight", 0.1, 2.0, None),)
    signals = Signals(step=step, failure="x", layers=layers, **values)
    assert Signals.from_dict(json.loads(json.dumps(signals.to_dict()))) == signals
    assert signals.numbers() == values
    assert signals.without_layers() == dataclasses.replace(signals, layers=())


def test_strange_values_are_refused():
    with pytest.raises(UserError, match="no signals of a run"):
        Signals.from_dict({"step": 1, "colour": 2.0})


def test_every_state_has_a_number_and_a_word():
    assert [word_of(float(s.number)) for s in State] == [str(s) for s in State]
