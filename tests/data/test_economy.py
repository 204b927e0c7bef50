import re

import pytest
import torch

from gan_lab.data.credit import Credit
from gan_lab.data.economy import EconomicSeries, Levels
from gan_lab.data.macro import Macro
from gan_lab.errors import UserError


class Line(EconomicSeries):
    name = "line"

    def read(self):
        t = torch.arange(40, dtype=torch.float64)
        dates = tuple(f"2000-01-{i + 1:02}" for i in range(40))
        return Levels(torch.stack([t, t.square()], dim=1), ("t", "square"), ("1", "1"), dates)


@pytest.mark.parametrize("levels", [True, False])
def test_levels_or_changes(levels):
    data = Line(5, 1, levels)
    data.setup()
    found = data.spec.to_units(data.train.x)[3]
    t = torch.arange(3.0, 8.0)
    expected = [t, t.square()] if levels else [torch.ones(5), 2 * t + 1]
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-4, atol=1e-3)
    assert data.spec.channel_names == ("t", "square")
    assert data.train.start.max() + 5 <= data.held_out.start.min()


@pytest.mark.parametrize("make", [Credit, Macro])
def test_contract(make):
    data = make()
    data.setup()
    table = data.read()
    rows, channels = table.values.shape
    assert table.values.dtype == torch.float64
    assert table.values.isfinite().all()
    assert len(table.names) == len(table.units) == channels == data.spec.channels
    assert len(table.dates) == rows
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) for date in table.dates)
    assert list(table.dates) == sorted(set(table.dates))
    assert data.spec.shape == (channels, data.window)
    assert data.fingerprint() == make(seed=7).fingerprint()


def test_credit_is_that_of_the_package():
    table = Credit().read()
    assert table.values.shape == (1200, 2)
    assert table.values[0].tolist() == [5.35, 7.12]
    assert (table.dates[0], table.dates[-1]) == ("1919-01-01", "2018-12-01")
    # Risk has a price in every month.
    assert (table.values[:, 1] > table.values[:, 0]).all()


def test_macro_is_that_of_the_package():
    table = Macro().read()
    assert table.values.shape == (203, 10)
    assert table.values[0, 0].exp().item() == pytest.approx(2710.349)
    assert table.values[0, table.names.index("unemp")] == 5.8
    assert table.dates[:2] == ("1959-01-01", "1959-04-01")
    assert table.dates[-1] == "2009-07-01"
    for name, unit in zip(table.names, table.units, strict=True):
        assert unit.startswith("log") == (name not in ("tbilrate", "unemp"))


@pytest.mark.parametrize(
    ("make", "module"), [(Credit, "arch.data.default"), (Macro, "statsmodels.datasets")]
)
def test_a_missing_package_says_what_to_install(make, module, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(UserError, match="pip install"):
        make().load()


@pytest.mark.parametrize("make", [Credit, Macro])
@pytest.mark.parametrize("bad", [{"window": 1}, {"stride": 0}])
def test_bad_values(make, bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        make(**bad)


def test_window_longer_than_the_series():
    with pytest.raises(UserError, match=r"macro: data\.window=300"):
        Macro(window=300).load()
