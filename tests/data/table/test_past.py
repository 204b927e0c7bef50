"""A past for a trained generator: read as its training data were, or refused in one line."""

import numpy as np
import pandas as pd
import pytest

from gan_lab.calendar import Calendar
from gan_lab.data.table.past import Past, read_past
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.transforms import Difference

NAMES = ("open", "close")
FRAME = pd.DataFrame(
    {"day": pd.bdate_range("2024-01-01", periods=6), "close": np.arange(6.0), "open": 2.0}
)


def spec_of(**changes):
    values = {"channel_names": NAMES, "calendar": Calendar("day", "2020-01-01", "B")}
    return DataSpec("t", "series", 2, (4,), **{**values, **changes})


def past_of(tmp_path, frame=FRAME, least=2, spec=None, **settings):
    frame.to_csv(tmp_path / "p.csv", index=False, sep=settings.get("separator", ","))
    return read_past(tmp_path / "p.csv", spec or spec_of(), settings, least)


def test_columns_come_in_the_order_of_training_and_constants_pass(tmp_path):
    past = past_of(tmp_path)
    assert past.values.tolist() == [[2.0, float(i)] for i in range(6)]
    assert past.dates.equals(pd.DatetimeIndex(FRAME["day"]))


def test_dates_and_levels_go_on(tmp_path):
    import torch

    spec = spec_of(transform=Difference().fit(torch.zeros(3, 2).double()))
    followed = past_of(tmp_path, spec=spec).followed(spec, 9)
    assert followed.spatial == (9,)
    assert followed.anchor == ((2.0, 5.0),)
    assert followed.calendar == Calendar("day", "2024-01-08", "B")
    assert followed.calendar.after(2) == ["2024-01-09", "2024-01-10"]


def test_without_dates_there_are_none_to_go_on_from(tmp_path):
    past = past_of(tmp_path, FRAME.drop(columns="day"))
    assert past.dates is None
    assert past.followed(spec_of(), 3).calendar is None
    assert Past(np.zeros((2, 2))).followed(spec_of(calendar=None), 3).anchor == ()


def test_the_settings_of_training_hold(tmp_path):
    holes = FRAME.copy()
    holes.loc[2, "close"] = np.nan
    assert len(past_of(tmp_path, holes, missing="drop").values) == 5
    assert past_of(tmp_path, holes, missing="interpolate").values[2, 1] == 2
    with pytest.raises(UserError, match=r"column close, row 2 .* is missing; .*correct the file"):
        past_of(tmp_path, holes)
    newest_first = past_of(tmp_path, FRAME[::-1], separator=";")
    assert newest_first.values[-1, 1] == 5


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.drop(columns="open"), "p.csv has no column open; it has: day, close"),
        (FRAME[:1], "p.csv: 1 rows; expected 2 or more"),
        (
            FRAME.assign(day=pd.date_range("2024-01-01", periods=6, freq="MS")),
            "6 rows from 2024-01-01 to 2024-06-01 are not as far apart .*one step is 'B'",
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, frame, message):
    with pytest.raises(UserError, match=message):
        past_of(tmp_path, frame)


def test_several_series_are_refused(tmp_path):
    two = pd.concat([FRAME.assign(who="a"), FRAME.assign(who="b")])
    with pytest.raises(UserError, match="2 series: p, a; p, b; give a file with one"):
        past_of(tmp_path, two, group="who")


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"no\.csv: no such file"):
        read_past(tmp_path / "no.csv", spec_of(), {}, 2)
