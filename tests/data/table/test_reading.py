"""Files that people really have."""

import gzip

import pytest

from gan_lab.data.table.reading import Form, find, read
from gan_lab.errors import UserError


def write(folder, content, name="a.csv", encoding="utf-8"):
    file = folder / name
    file.write_bytes(content.encode(encoding))
    return file


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path, separator):
    lines = ["day,a,b", "x,1,2", "y,3,4"]
    source = read(write(tmp_path, "\n".join(lines).replace(",", separator)), Form())
    assert list(source.frame.columns) == ["day", "a", "b"]
    assert source.frame["b"].tolist() == [2, 4]
    assert source.name == "a"
    assert source.first_line == 2


def test_decimal_commas_are_read_when_they_are_declared(tmp_path):
    source = read(write(tmp_path, "a;b\n1,5;2\n2,25;3\n"), Form(decimal=","))
    assert source.frame["a"].tolist() == [1.5, 2.25]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_is_no_name(tmp_path, encoding):
    source = read(write(tmp_path, "a, b\n1, 2\n", encoding=encoding), Form())
    assert list(source.frame.columns) == ["a", "b"]


def test_without_header_columns_are_numbered(tmp_path):
    file = write(tmp_path, "1,2\n3,4\n")
    with pytest.raises(UserError, match=r"first line holds numbers, 1, 2.*data\.header=false"):
        read(file, Form())
    source = read(file, Form(header=False))
    assert list(source.frame.columns) == ["x1", "x2"]
    assert source.frame["x1"].tolist() == [1, 3]
    assert source.first_line == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a,b\n1,2,3\n3,4,5\n", "more cells than the header"),
        ("a,b,a\n1,2,3\n", "two columns are called 'a'"),
        ("", "No columns"),
        ('a\n"1', "EOF inside string"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, content, message):
    with pytest.raises(UserError, match=message):
        read(write(tmp_path, content), Form())


def test_other_encodings_are_told(tmp_path):
    with pytest.raises(UserError, match=r"a\.csv cannot be read as CSV"):
        read(write(tmp_path, "a,b\n1,2\n", encoding="utf-16"), Form())


def test_short_rows_and_blank_lines_are_empty_cells(tmp_path):
    frame = read(write(tmp_path, "a,b\n1,2\n3\n\n4,5\n\n\n"), Form()).frame
    # Blank lines count, so that rows can be told by their line; those at the end do not.
    assert frame["a"].fillna(-1).tolist() == [1, 3, -1, 4]
    assert frame["b"].fillna(-1).tolist() == [2, -1, -1, 5]


def test_compressed_files(tmp_path):
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(b"x,y\n1,2\n"))
    source = read(file, Form())
    assert (source.name, source.frame["y"].tolist()) == ("a", [2])


def test_files_are_found_in_folders_patterns_and_lists(tmp_path):
    for name in ("b.csv", "a.csv", "notes.md"):
        write(tmp_path, "x\n1\n", name)
    names = ["a.csv", "b.csv"]
    assert [f.name for f in find(tmp_path)] == names
    assert [f.name for f in find(str(tmp_path / "*.csv"))] == names
    assert [f.name for f in find([tmp_path / "b.csv", tmp_path / "a.csv"])] == names[::-1]
    with pytest.raises(UserError, match="holds no table"):
        find(str(tmp_path / "*.tsv"))


def test_parquet(tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.DatetimeIndex(["2024-01-01", "2024-01-02"]))
    frame.to_parquet(tmp_path / "p.parquet")
    source = read(tmp_path / "p.parquet", Form())
    assert list(source.frame.columns) == ["index", "a"]
    assert source.first_line is None
    write(tmp_path, "no parquet", "q.parquet")
    with pytest.raises(UserError, match=r"q\.parquet cannot be read as Parquet"):
        read(tmp_path / "q.parquet", Form())


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"pip install 'gan-lab-torch\[parquet\]'"):
        read(write(tmp_path, "", "p.parquet"), Form())
