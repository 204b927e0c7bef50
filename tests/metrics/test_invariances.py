import torch

from gan_lab.metrics.invariances import (
    flipped,
    nearest_over_views,
    shifted,
    shifts,
    unit_amplitude,
)


def test_shifts_move_each_axis_and_repeat_the_border():
    x = torch.arange(9.0).view(1, 1, 3, 3)
    assert shifted(x, offsets=(1, -1))[0, 0].tolist() == [[1, 2, 2], [1, 2, 2], [4, 5, 5]]
    assert len(shifts(2, axes=2)) == 24
    assert len(shifts(3, axes=1)) == 6


def test_a_shifted_copy_is_found_only_with_shifts():
    rows = torch.zeros(20, 1, 9, 9)
    rows[:, :, 2:7, 2:7] = torch.rand(20, 1, 5, 5)
    copies = rows.roll((1, -1), dims=(2, 3))
    plain = nearest_over_views(copies, rows)
    found = nearest_over_views(copies, rows, views=shifts(1, axes=2))
    assert (plain.distance > 0.5).all()
    assert (found.distance == 0).all()
    assert found.index[:, 0].tolist() == list(range(20))


def test_a_delayed_series_is_found_with_time_lags():
    rows = torch.zeros(10, 2, 30)
    rows[:, :, 8:22] = torch.randn(10, 2, 14)
    found = nearest_over_views(rows.roll(3, dims=2), rows, views=shifts(3, axes=1))
    assert (found.distance == 0).all()


def test_a_mirror_image_is_found_with_the_flip():
    rows = torch.rand(10, 3, 6, 6)
    found = nearest_over_views(flipped(rows), rows, views=(flipped,))
    assert (found.distance == 0).all()


def test_unit_amplitude_forgets_level_and_scale_of_each_channel():
    x = torch.randn(5, 2, 50).double()
    scale, level = torch.rand(5, 2, 1).double() + 0.5, torch.randn(5, 2, 1).double()
    torch.testing.assert_close(unit_amplitude(x * scale + level), unit_amplitude(x))
    assert (unit_amplitude(torch.ones(1, 1, 4)) == 0).all()


def test_the_query_itself_can_be_left_out_under_every_view():
    x = torch.rand(6, 1, 4, 4)
    x = torch.cat([x, flipped(x[:1])])
    found = nearest_over_views(x[:1], x, views=(flipped,), skip=torch.tensor([0]))
    assert (float(found.distance), int(found.index)) == (0.0, 6)
