"""One value a series: every window of it has that label, and nothing else becomes a channel."""

import numpy as np
import pandas as pd
import pytest

from gan_lab.data.table import Table
from gan_lab.errors import UserError

ROWS = {"a": 60, "b": 45, "c": 52, "d": 5}
KIND = {"a": "wild", "b": "calm", "c": "wild", "d": "calm"}
AGE = {"a": 0.5, "b": -1.0, "c": 2.0, "d": 0.0}


@pytest.fixture
def csv(tmp_path):
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"who": who, "kind": KIND[who], "age": AGE[who], "x": rng.normal(size=n)})
        for who, n in ROWS.items()
    ]
    pd.concat(parts).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def table(path, **options):
    data = Table(path, group="who", window=8, short="drop", **options)
    data.setup()
    return data


def series_of(samples, frame):
    """The series that each window was cut from, found by its values."""
    x = samples.spec.to_units(samples.x)[:, 0].numpy()
    groups = {who: part["x"].to_numpy() for who, part in frame.groupby("who")}
    cut = {
        who: np.lib.stride_tricks.sliding_window_view(values, 8)
        for who, values in groups.items()
        if len(values) >= 8
    }
    return [
        next(who for who, windows in cut.items() if np.abs(windows - row).max(1).min() < 1e-5)
        for row in x
    ]


def test_labels_belong_to_the_values(csv):
    frame = pd.read_csv(csv)
    for options, expected in (({"label": "kind"}, KIND), ({"static": ["age"]}, AGE)):
        data = table(csv, columns=["x"], **options)
        for samples in (data.train, data.held_out):
            found = series_of(samples, frame)
            assert len(set(found)) == 3
            if "label" in options:
                words = [data.spec.classes[k] for k in samples.label.tolist()]
                assert words == [expected[who] for who in found]
                assert data.spec.classes == ("calm", "wild")
            else:
                assert samples.label[:, 0].tolist() == [expected[who] for who in found]
                assert data.spec.attributes == ("age",)


def test_what_describes_a_series_is_no_channel(csv):
    assert table(csv, static=["age"]).spec.channel_names == ("x",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "sort"}, "has no column 'sort' for data.label; it has: who, kind, age, x"),
        ({"label": "x"}, "t, a: column x of data.label holds .*expected one value a series"),
        ({"static": ["kind"]}, "column kind of data.static is 'wild', no number; for names use"),
        ({"label": "kind", "static": ["age"]}, "data.label and data.static are both given"),
    ],
)
def test_what_does_not_fit_is_told(csv, options, message):
    with pytest.raises(UserError, match=message):
        table(csv, **options)


def test_numbers_that_networks_cannot_read_are_refused(csv):
    frame = pd.read_csv(csv)
    frame["age"] += 40
    frame.to_csv(csv, index=False)
    with pytest.raises(UserError, match=r"t, a: column age of data.static is 40.5; .*rescale"):
        table(csv, static=["age"])


def test_a_label_that_is_missing_is_refused(csv):
    frame = pd.read_csv(csv)
    frame.loc[frame["who"] == "b", "kind"] = None
    frame.to_csv(csv, index=False)
    with pytest.raises(UserError, match=r"column kind of data\.label holds nan"):
        table(csv, label="kind")
