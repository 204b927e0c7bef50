import numpy as np
import pytest

from gan_lab.render.profile import MOST_CHANNELS, profile_figure
from gan_lab.render.style import to_image


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("series", [1, 30])
def test_a_row_of_panels_per_channel(dated, series):
    rng = np.random.default_rng(0)
    time = np.arange(9000)
    time = np.datetime64("2000-01-01", "D") + time if dated else time
    courses = [(time, rng.normal(size=(2, 9000)).cumsum(axis=1)) for _ in range(series)]
    courses[0][1][1, 5] = np.nan
    memory = np.linspace(1, -1, 20)[None].repeat(2, axis=0)
    sheet = profile_figure(
        courses, memory, memory[:, :19], names=("a_b", "c"), notes=["I(1)", ""], title="two"
    )
    assert len(sheet.axes) == 6
    assert sheet.axes[0].get_title(loc="left") == "a b"
    assert sheet.axes[0].get_title(loc="right") == "I(1)"
    assert len(sheet.axes[0].lines) == min(series, 20)
    assert len(sheet.axes[0].lines[0].get_xdata()) <= 4000
    assert [bar.get_height() for bar in sheet.axes[1].patches[-20:]] == pytest.approx(memory[0])
    picture = np.asarray(to_image(sheet))
    assert picture.std() > 5


def test_many_channels_are_cut():
    courses = [(np.arange(10), np.zeros((40, 10)))]
    sheet = profile_figure(
        courses, np.full((40, 3), np.nan), np.full((40, 3), np.nan),
        names=(), notes=[""] * 40, title="",
    )  # fmt: skip
    assert len(sheet.axes) == 3 * MOST_CHANNELS
    to_image(sheet)
