"""Files that grow batch by batch, in the columns, types and units of the table."""

import weakref

import numpy as np
import pandas as pd
import pytest

from gan_lab.calendar import Calendar
from gan_lab.cli.sample import Options, check, write
from gan_lab.cli.writers import WRITERS, CsvWriter, Drawn, NpyWriter, ParquetWriter, to_frame
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.transforms import Difference

rng = np.random.default_rng(0)


def table_spec(**changes):
    import torch

    levels = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    values = {
        "name": "t",
        "modality": "series",
        "channels": 2,
        "spatial": (3,),
        "channel_names": ("price", "volume"),
        "transform": Difference().fit(levels),
        "anchor": ((3.0, 4.0),),
        "dtypes": ("float64", "int64"),
        "calendar": Calendar("day", "2024-02-28", "D"),
    }
    return DataSpec(**{**values, **changes})


def drawn(n, spec=None, first=0):
    spec = spec or table_spec()
    size = n * 2 * (spec.spatial[0] + spec.known_steps)
    x = first * 100 + np.arange(size, dtype=float).reshape(n, 2, -1) + 0.25
    return Drawn(x, None, spec)


def test_a_frame_has_one_row_a_generated_step():
    frame = to_frame(drawn(2), first=7)
    assert list(frame.columns) == ["sample", "step", "day", "price", "volume"]
    assert frame["sample"].tolist() == [7, 7, 7, 8, 8, 8]
    assert frame["step"].tolist() == [0, 1, 2] * 2
    assert frame["day"].dt.strftime("%Y-%m-%d").tolist()[:3] == [
        "2024-02-29",
        "2024-03-01",
        "2024-03-02",
    ]
    # The known first step of each window, 0.25 and 4.25, is left out.
    assert frame["price"].tolist() == [1.25, 2.25, 3.25, 9.25, 10.25, 11.25]
    assert frame["volume"].tolist() == [5, 6, 7, 13, 14, 15]
    assert frame.dtypes[["price", "volume"]].astype(str).tolist() == ["float64", "int64"]


def test_without_regular_dates_there_are_none():
    spec = table_spec(calendar=Calendar("day", "2024-02-28"))
    assert list(to_frame(drawn(1, spec)).columns) == ["sample", "step", "price", "volume"]


def test_columns_that_are_called_like_ours_stay():
    frame = to_frame(drawn(1, table_spec(channel_names=("step", "day"))))
    assert list(frame.columns) == ["sample", "step_", "day_", "step", "day"]
    assert frame["step_"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("labels", ["classes", "attributes", None])
def test_labels_are_repeated_over_the_steps(labels):
    x = np.zeros((2, 1, 3), dtype=np.float32)
    names = {"classes": ("calm", "wild"), "attributes": ("heat",)}
    spec = DataSpec(
        "t", "series", channels=1, spatial=(3,), **({labels: names[labels]} if labels else {})
    )
    label = {"classes": np.array([1, 0]), "attributes": np.array([[0.5], [2.0]]), None: None}
    frame = to_frame(Drawn(x, label[labels], spec))
    assert list(frame.columns[:3]) == ["sample", "step", "x0"]
    if labels == "classes":
        assert frame["label"].tolist() == ["wild"] * 3 + ["calm"] * 3
    if labels == "attributes":
        assert frame["heat"].tolist() == [0.5] * 3 + [2.0] * 3


def test_whole_numbers_stay_in_the_range_of_their_type():
    data = drawn(1, table_spec(dtypes=("float32", "uint8")))
    data.x[0, 1] = [0, -5, 300, 7.6]
    frame = to_frame(data)
    assert frame["volume"].tolist() == [0, 255, 8]
    assert frame["price"].dtype == np.float32
    data.x[0, 1, 2] = np.inf
    with pytest.raises(UserError, match="column volume holds whole numbers"):
        to_frame(data)


def test_images_are_no_table():
    spec = DataSpec("i", "images", channels=1, spatial=(2, 2))
    with pytest.raises(UserError, match="suit points and series"):
        to_frame(Drawn(np.zeros((1, 1, 2, 2)), None, spec))


@pytest.mark.parametrize("kind", ["csv", "parquet", "npy"])
def test_batches_make_one_file(tmp_path, kind):
    pytest.importorskip("pyarrow")
    path = tmp_path / f"a.{kind}"
    parts = [drawn(4, first=0), drawn(4, first=1), drawn(2, first=2)]
    writer = WRITERS[kind](path, 10)
    for part in parts:
        writer.write(part)
    writer.close()
    x = np.concatenate([part.x for part in parts])
    if kind == "npy":
        assert np.array_equal(np.load(path), x)
        return
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    found = read(path)
    expected = to_frame(Drawn(x, None, parts[0].spec))
    assert found["sample"].tolist() == expected["sample"].tolist()
    np.testing.assert_allclose(found["price"], expected["price"], rtol=1e-9)
    assert found.dtypes[["price", "volume"]].astype(str).tolist() == ["float64", "int64"]
    if kind == "parquet":
        assert found["day"].tolist() == expected["day"].tolist()


@pytest.mark.parametrize("kind", ["csv", "parquet", "npy", "png"])
def test_memory_holds_one_batch(tmp_path, kind):
    """No writer keeps a batch alive: memory does not grow with the number of samples."""
    pytest.importorskip("pyarrow")
    spec = table_spec()
    alive = []
    most = 0

    def batches():
        nonlocal most
        for k in range(30):
            part = drawn(100, spec, first=k)
            alive.append(weakref.ref(part.x))
            yield part
            del part
            most = max(most, sum(reference() is not None for reference in alive))

    write(batches(), spec, Options(n=3000, format=kind, output=str(tmp_path)), tmp_path)
    # The loop variable holds the last one; a picture keeps what it draws, of the first batch.
    assert most <= (2 if kind == "png" else 1)
    if kind == "parquet":
        import pyarrow.parquet as pq

        assert pq.ParquetFile(tmp_path / "samples.parquet").num_row_groups == 30


def test_csv_of_float32_is_short(tmp_path):
    spec = DataSpec("p", "points", channels=2)
    writer = CsvWriter(tmp_path / "a.csv", 1)
    writer.write(Drawn(np.array([[0.1, 2.5]], dtype=np.float32), None, spec))
    assert (tmp_path / "a.csv").read_text() == "x0,x1\n0.1,2.5\n"


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"pip install 'gan-lab-torch\[parquet\]'"):
        ParquetWriter(tmp_path / "a.parquet", 1)


def test_npy_knows_its_size_before_the_end(tmp_path):
    writer = NpyWriter(tmp_path / "a.npy", 5)
    writer.write(drawn(2))
    assert np.load(tmp_path / "a.npy", mmap_mode="r").shape == (5, 2, 4)


def test_formats_are_the_writers():
    check(Options(format="parquet"))
    with pytest.raises(UserError, match="expected one of npy, npz, png, csv, parquet, folder"):
        check(Options(format="xlsx"))
