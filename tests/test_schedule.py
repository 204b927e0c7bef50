import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_lab.errors import UserError
from gan_lab.schedule import Cosine, Linear, check_value, value_at

SHARES = [k / 50 for k in range(51)]


@pytest.mark.parametrize("form", [Linear, Cosine])
def test_phases(form):
    schedule = form(first=2.0, last=1.0, begin=0.4, end=0.8, warmup=0.1)
    assert schedule(0, 0.0) == 0.0
    assert schedule(0, 0.05) == pytest.approx(1.0)
    assert schedule(0, 0.1) == schedule(0, 0.4) == pytest.approx(2.0)
    assert schedule(0, 0.6) == pytest.approx(1.5)
    assert schedule(0, 0.8) == schedule(0, 1.0) == pytest.approx(1.0)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 0.9), st.sampled_from([Linear, Cosine]))
def test_it_is_monotone_between_its_ends(first, last, begin, form):
    values = [form(first=first, last=last, begin=begin)(0, share) for share in SHARES]
    assert values[0] == pytest.approx(first)
    assert values[-1] == pytest.approx(last)
    ordered = sorted(values, reverse=first > last)
    assert values == pytest.approx(ordered, abs=1e-12)


def test_images_make_it_independent_of_the_run():
    schedule = Linear(first=0.0, last=1.0, images=1000.0)
    assert [schedule(250, share) for share in (0.0, 0.9)] == [0.25, 0.25]
    assert schedule(5000, 0.0) == 1.0


def test_a_number_is_a_schedule_that_stays():
    assert value_at(0.3, 10, 0.5) == value_at(0.3, 0, 0.0) == 0.3
    assert value_at(Linear(first=0.0, last=1.0), 10, 0.5) == 0.5


@pytest.mark.parametrize(
    "wrong",
    [{"begin": 0.5, "end": 0.5}, {"begin": -0.1}, {"warmup": -1.0}, {"images": 0.0},
     {"last": float("nan")}],
)  # fmt: skip
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UserError):
        Cosine(**{"first": 1.0, "last": 0.0, **wrong})


def test_both_ends_of_a_schedule_are_checked():
    check_value("weight", Linear(first=1.0, last=0.0))
    with pytest.raises(UserError, match="weight is -1"):
        check_value("weight", Linear(first=1.0, last=-1.0))
