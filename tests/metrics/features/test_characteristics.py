import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.features.characteristics import (
    NAMES,
    Characteristics,
    characteristics,
    longest_run,
)
from gan_lab.metrics.features.extractor import Extractor


def of(x, name):
    return characteristics(x)[..., NAMES.index(name)]


@pytest.fixture(scope="module")
def series():
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(20, 100, generator=rng, dtype=torch.float64)
    return torch.cat([noise[:10], noise[10:].cumsum(dim=1)])


@pytest.mark.parametrize(
    ("name", "reference", "factor"),
    [
        ("time_scale", "CO_FirstCrossing_acf_1e_pointOfCrossing", 100),
        ("reversibility", "CO_trev_1_num", 1),
        ("jumps", "MD_pNN_pnn40", 1),
        ("forecast_error", "FC_LocalSimple_mean3_stde", 1),
        ("first_minimum", "CO_FirstMin_ac", 100),
    ],
)
def test_those_of_catch22_agree_with_its_code(series, name, reference, factor):
    catch22 = pytest.importorskip("pycatch22")
    unit = (series - series.mean(1, keepdim=True)) / series.std(1, keepdim=True)
    expected = [getattr(catch22, reference)(row.tolist()) for row in unit]
    assert (factor * of(series, name)).tolist() == pytest.approx(expected, rel=1e-9)


def test_time_turned_round_changes_reversibility_alone(series):
    saw = torch.arange(100, dtype=torch.float64).remainder(7)[None]
    assert of(saw, "reversibility") < -0.1
    assert of(saw.flip(-1), "reversibility") == pytest.approx(-of(saw, "reversibility"))
    for name in ("time_scale", "low_frequencies", "jumps", "run_above"):
        assert torch.allclose(of(saw, name), of(saw.flip(-1), name))


def test_known_series():
    wave = torch.sin(torch.arange(64) * 2 * torch.pi / 8)[None]
    assert of(wave, "median_frequency") == pytest.approx(8 / 32)
    assert of(wave, "first_minimum") == pytest.approx(4 / 64)
    fair = torch.rand(1, 20000, generator=torch.Generator().manual_seed(0))
    assert of(fair, "pair_entropy") == pytest.approx(1, abs=1e-3)
    assert of(fair, "low_frequencies") == pytest.approx(0.2, abs=0.02)


def test_runs():
    assert longest_run(torch.tensor([[True] * 4, [False] * 4])).tolist() == [4, 0]


def test_a_constant_series_is_its_mean():
    assert characteristics(torch.full((1, 12), 3.0)).tolist() == [[3.0] + [0.0] * 11]


def test_the_extractor_has_a_receipt_and_refuses_images():
    extractor = Characteristics()
    assert isinstance(extractor, Extractor)
    assert extractor(torch.randn(5, 2, 10)).shape == (5, 24)
    with pytest.raises(UserError, match="series of 8 steps"):
        extractor(torch.randn(5, 1, 8, 8))
