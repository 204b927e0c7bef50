import pytest
import torch

from gan_lab.data.synthetic import AR, GARCH, VAR, VECM, Drift, PeriodicSines, Regimes, Sines
from gan_lab.errors import UserError

PATHS = [AR, VAR, VECM, GARCH, Regimes, Drift]
RESTARTED = [AR, VAR, VECM, GARCH, Regimes]
SINES = [Sines, PeriodicSines]


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def loaded(make, **options):
    data = make(**options)
    data.setup()
    return data


@pytest.mark.parametrize("make", PATHS + SINES)
def test_same_seed_same_population(make):
    first = loaded(make, n=50, seed=1)
    assert first.fingerprint() == loaded(make, n=50, seed=2).fingerprint()
    assert first.fingerprint() != loaded(make, n=50, data_seed=1).fingerprint()


@pytest.mark.parametrize("make", PATHS)
def test_a_series_does_not_depend_on_how_many_are_drawn(make):
    data = make(n=50)
    many, few = data.simulate(40, 9, rng()), data.simulate(3, 9, rng())
    torch.testing.assert_close(many[:3], few, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", PATHS)
def test_a_longer_path_has_the_same_past(make):
    data = make(n=50)
    long, short = data.simulate(1, 900, rng()), data.simulate(1, 333, rng())
    torch.testing.assert_close(long[:, :333], short, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("make", SINES)
def test_a_window_does_not_depend_on_how_many_are_drawn(make):
    assert torch.equal(make(n=40).load().x[:7], make(n=7).load().x)


@pytest.mark.parametrize("make", PATHS)
def test_a_path_is_cut_in_order_and_keeps_its_units(make):
    data = loaded(make, n=60, window=8, stride=3)
    path = data.simulate(1, 59 * 3 + 8, rng())[0].float()
    assert data.held_out.start.tolist() == list(range(48 * 3, 60 * 3, 3))
    assert data.train.start.max() + 8 <= data.held_out.start.min()
    for rows in (data.train, data.held_out):
        expected = torch.stack([path[start : start + 8].T for start in rows.start])
        torch.testing.assert_close(data.spec.to_units(rows.x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", RESTARTED)
def test_independent_windows_are_standardised_by_the_training_part(make):
    data = loaded(make, n=200, window=8, independent=True)
    assert data.train.start is None
    assert (len(data.train), len(data.held_out)) == (160, 40)
    steps = data.train.x.transpose(1, 2).flatten(0, 1)
    torch.testing.assert_close(steps.mean(dim=0), torch.zeros(steps.shape[1]), rtol=0, atol=1e-5)
    torch.testing.assert_close(
        steps.std(dim=0, unbiased=False), torch.ones(steps.shape[1]), rtol=1e-5, atol=0
    )
    windows = data.simulate(200, 8, rng()).transpose(1, 2).flatten(1)
    train = data.spec.to_units(data.train.x).double().flatten(1)
    assert torch.cdist(train, windows).min(dim=1).values.max() < 1e-5


@pytest.mark.parametrize("make", PATHS + SINES)
def test_spec(make):
    data = loaded(make, n=50, window=12)
    assert data.spec.modality == "series"
    assert data.spec.shape == tuple(data.train.x.shape[1:])
    assert data.spec.spatial == (12,)
    assert len(set(data.spec.channel_names)) == data.spec.channels


@pytest.mark.parametrize("make", PATHS + SINES)
@pytest.mark.parametrize("bad", [{"n": 1}, {"window": 1}, {"data_seed": -1}])
def test_bad_sizes(make, bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        make(**bad)


def test_bad_stride():
    with pytest.raises(UserError, match=r"data\.stride"):
        AR(stride=0)
