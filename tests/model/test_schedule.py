import pytest

from gan_lab.errors import UserError
from gan_lab.model.schedule import Cosine, constant


def test_phases():
    schedule = Cosine(total=1000, warmup=10, start=0.4, floor=0.1)
    assert schedule(0) == pytest.approx(0.1)
    assert schedule(9) == schedule(400) == pytest.approx(1.0)
    assert schedule(700) == pytest.approx(0.55)
    assert schedule(1000) == schedule(5000) == pytest.approx(0.1)


def test_it_never_rises_after_the_warm_up():
    schedule = Cosine(total=100)
    factors = [schedule(step) for step in range(120)]
    assert factors == sorted(factors, reverse=True)
    assert constant(7) == 1.0


@pytest.mark.parametrize(
    "wrong", [{"total": 0}, {"total": 5, "start": 2.0}, {"total": 5, "warmup": -1}]
)
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UserError):
        Cosine(**wrong)
