import pytest
import torch

from gan_lab.data.points import XOR, Grid, Ring, Spiral, Wave
from gan_lab.errors import UserError


def units(data):
    data.setup()
    return data.spec.to_units(data.train.x)


@pytest.mark.parametrize("make,modes", [(Ring, 8), (Grid, 25), (XOR, 4)])
def test_points_scatter_around_the_modes_as_told(make, modes):
    data = make(n=50_000)
    points = units(data)
    distance = torch.cdist(points, data.modes)
    nearest, mode = distance.min(dim=1)
    assert len(data.modes) == modes
    # In the plane, a Gaussian keeps 1 - exp(-9/2) = 98.9 % within three standard deviations.
    assert (nearest < 3 * data.std).float().mean() == pytest.approx(0.98889, abs=2e-3)
    assert (points - data.modes[mode]).std().item() == pytest.approx(data.std, rel=0.02)
    shares = mode.bincount(minlength=modes) / len(mode)
    assert (shares * modes - 1).abs().max() < 0.12


def test_modes_are_those_of_the_papers():
    assert torch.allclose(Ring(n=2).modes.norm(dim=1), torch.ones(8))
    assert sorted(Grid(n=2).modes[:, 0].unique().tolist()) == [-4, -2, 0, 2, 4]


def test_networks_see_the_grid_in_its_own_units():
    data = Grid(n=5_000)
    data.setup()
    assert torch.equal(data.spec.to_units(data.train.x), data.train.x)
    assert 4 < data.train.x.max() < 4.5


@pytest.mark.parametrize("make", [Ring, Spiral, XOR])
def test_model_range_is_about_one(make):
    data = make(n=20_000)
    data.setup()
    assert 0.7 < data.train.x.abs().max() < 1.4


def test_spiral_lies_on_its_curve():
    data = Spiral(n=5_000)
    curve = data.curve(torch.linspace(0, 1, 4000))
    assert torch.cdist(units(data), curve).min(dim=1).values.max() < 5.5 * data.std


def test_xor_label_is_whether_signs_differ():
    data = XOR(n=4_000)
    points = units(data)
    agree = ((points.prod(dim=1) < 0).long() == data.train.label).float().mean()
    assert agree > 0.999
    assert data.spec.num_classes == 2


def test_points_follow_the_data_seed_only():
    assert torch.equal(units(Ring(n=100, seed=1)), units(Ring(n=100, seed=2)))
    assert not torch.equal(units(Ring(n=100)), units(Ring(n=100, data_seed=1)))


@pytest.mark.parametrize("bad", [{"n": 1}, {"std": 0.0}, {"std": float("nan")}, {"data_seed": -1}])
def test_bad_values(bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Ring(**bad)


def test_wave_labels_are_places_with_unit_variance():
    data = Wave(n=20_000)
    data.setup()
    place, x = data.train.label, data.spec.to_units(data.train.x)
    assert place.shape == (len(x), 1)
    assert data.spec.attributes == ("place",)
    residual = (x - data.centre(place)) / data.std
    # five standard errors of a mean and of a variance
    n = residual.numel()
    assert residual.mean().abs() < 5 / n**0.5
    assert (residual.var() - 1).abs() < 5 * (2 / n) ** 0.5
    assert (place.var() - 1).abs() < 5 * (0.8 / len(place)) ** 0.5


def test_example_labels_cover_the_population_evenly():
    data = Wave(n=2_000)
    data.setup()
    label = data.train.example_labels(5)
    assert label.shape == (5, 1)
    shares = [(data.train.label < one).float().mean().item() for one in label]
    assert shares == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.01)
