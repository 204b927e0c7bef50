"""The fan: what it draws, and where."""

import numpy as np

from gan_lab.render.fan import fan_figure
from gan_lab.render.style import to_image


def test_the_fan_opens_at_the_last_value():
    past = np.linspace(0, 1, 6)[None]
    futures = np.random.default_rng(0).normal(1, 1, (50, 1, 4))
    (axes,) = fan_figure(past, futures, names=("price",)).axes
    *thin, median, known, _ = axes.lines
    assert known.get_xdata().tolist() == [-5, -4, -3, -2, -1, 0]
    assert median.get_xdata().tolist() == [0, 1, 2, 3, 4]
    assert median.get_ydata()[0] == 1
    np.testing.assert_allclose(median.get_ydata()[1:], np.median(futures[:, 0], axis=0))
    assert len(thin) == 4
    assert axes.get_title("left") == "price"


def test_many_channels_with_dates():
    days = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]")
    past, futures = np.zeros((13, 10)), np.zeros((3, 13, 10))
    sheet = fan_figure(past, futures, past_time=days[:10], time=days[10:], title="t")
    assert sum(axes.get_visible() for axes in sheet.axes) == 12
    assert to_image(sheet).width == 1000
