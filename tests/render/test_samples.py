import matplotlib._pylab_helpers
import numpy as np
import pytest
import torch

from gan_lab.render.points import points_figure
from gan_lab.render.samples import render_paths, render_samples
from gan_lab.render.series import series_figure
from gan_lab.spec import DataSpec

SPECS = [
    DataSpec("i", "images", 3, (8, 8), bounds=(-1.0, 1.0)),
    DataSpec("s1", "series", 1, (16,)),
    DataSpec("s2", "series", 2, (16,), channel_names=("open", "close")),
    DataSpec("p1", "points", 1),
    DataSpec("p2", "points", 2, channel_names=("x", "y")),
    DataSpec("p3", "points", 3),
]


@pytest.fixture(params=SPECS, ids=[spec.name for spec in SPECS])
def spec(request):
    return request.param


def test_every_modality_has_a_deterministic_picture(spec):
    x = torch.rand(20, *spec.shape)
    first = render_samples(x, spec, reference=x + 1, title="t")
    again = render_samples(x, spec, reference=x + 1, title="t")
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()


def test_pictures_show_the_samples(spec):
    x = torch.rand(20, *spec.shape)
    assert render_samples(x, spec).tobytes() != render_samples(x * x, spec).tobytes()


def test_paths_of_every_modality(spec):
    paths, t = torch.rand(2, 5, *spec.shape), torch.linspace(0, 1, 5)
    picture = render_paths(paths, t, spec, reference=torch.rand(9, *spec.shape))
    assert min(picture.size) > 100
    assert np.asarray(picture).std() > 0


def test_no_figure_stays_open(spec):
    render_samples(torch.rand(4, *spec.shape), spec)
    assert not matplotlib._pylab_helpers.Gcf.figs


def test_constant_data_can_be_drawn(spec):
    x = torch.full((3, *spec.shape), 1e6)
    render_samples(x, spec, reference=x)


def test_collapsed_or_diverged_samples_can_be_drawn(spec):
    x = torch.full((3, *spec.shape), float("nan"))
    render_samples(x, spec, reference=torch.rand(9, *spec.shape))
    render_samples(x, spec)
    render_paths(x[None], torch.linspace(0, 1, 3), spec)


def test_crowds_of_points():
    spec = SPECS[4]
    x = torch.randn(5000, 2)
    assert render_samples(x, spec, reference=x).width > render_samples(x, spec).width


def test_series_panels_are_named_by_channel_and_share_axes():
    spec = SPECS[2]
    figure = series_figure(torch.rand(9, 2, 16), spec, reference=torch.rand(9, 2, 16) * 5)
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    assert titles[:2] == ["open, real", "open, generated"]
    assert len(titles) == 4
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_points_beyond_the_axes_are_counted():
    real = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    generated = torch.tensor([[0.5, 0.5], [9.0, 0.5], [float("nan"), 0.0]])
    figure = points_figure(generated, SPECS[4], reference=real)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["real (2)", "generated (3, 2 outside)"]
