import pytest
import torch

from gan_lab.data.table import Table
from gan_lab.errors import UserError


@pytest.fixture
def csv(tmp_path):
    lines = ["date,price,rate"]
    lines += [f"2020-{i},{2.0**i},{(-1) ** i * i}" for i in range(60)]
    file = tmp_path / "quotes.csv"
    file.write_text("\n".join(lines))
    return file


def test_numeric_columns_become_channels(csv):
    data = Table(csv, window=8)
    data.setup()
    assert data.spec.name == "quotes"
    assert data.spec.channel_names == ("price", "rate")
    assert data.spec.shape == (2, 8)
    assert data.train.start.max() + 8 <= data.held_out.start.min()
    rate = data.spec.to_units(data.train.x)[3, 1]
    expected = torch.tensor([(-1.0) ** i * i for i in range(3, 11)])
    assert torch.allclose(rate, expected, atol=1e-4)


def test_changes(csv):
    log = Table(csv, columns=["price"], change="log", window=4).load()
    assert torch.allclose(log.spec.to_units(log.x), torch.tensor(2.0).log(), atol=1e-6)
    rate = Table(csv, columns=["rate"], change="difference", window=4).load()
    units = rate.spec.to_units(rate.x)
    assert torch.allclose(units[0, 0], torch.tensor([-1.0, 3.0, -5.0, 7.0]), atol=1e-4)


@pytest.mark.parametrize(
    "options,message",
    [
        ({"columns": ["volume"]}, "no column volume.*price, rate"),
        ({"columns": ["date", "price"]}, "date holds text"),
        ({"change": "log"}, r"positive values"),
        ({"window": 61}, r"data\.window=61"),
    ],
)
def test_what_does_not_fit_is_told(csv, options, message):
    with pytest.raises(UserError, match=message):
        Table(csv, **options).load()


@pytest.mark.parametrize("content", [None, "", "a,b\nx,y\n", 'a\n"1'])
def test_unusable_files(tmp_path, content):
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UserError, match=r"bad\.csv.*give a CSV"):
        Table(file).load()


@pytest.mark.parametrize("bad", [{"change": "square"}, {"window": 1}, {"stride": 0}])
def test_bad_values(csv, bad):
    with pytest.raises(UserError, match=f"data.{next(iter(bad))}"):
        Table(csv, **bad)
