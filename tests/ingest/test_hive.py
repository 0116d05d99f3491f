"""Folders named key=value become columns; without `hive` they are warned of."""

import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.files import expand
from mlpipe.ingest.source import Source
from mlpipe.ingest.spec import Ingest


@pytest.fixture
def tree(read, tmp_path):
    """Write files under data/ and ingest them."""

    def tree(files: dict[str, bytes | str], path: str = "data/", **options):
        for name, content in files.items():
            target = tmp_path / "data" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        options.setdefault("hive", True)
        return read(path=path, **options)

    return tree


def parquet(**columns) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


CSV = {
    "year=2024/part=b/1.csv": "id\n1\n2\n",
    "year=2025/part=a/1.csv": "id\n3\n",
    "year=2024/part=a/2.csv": "id\n0\n",
}
JSONL = {name.replace("csv", "jsonl"): '{"id": 7}\n' for name in CSV}
PARQUET = {name.replace("csv", "parquet"): parquet(id=[7, 8]) for name in CSV}


def test_folders_become_columns_after_those_of_the_file(tree):
    result = tree(CSV)
    assert list(result.frame.columns) == ["id", "year", "part"]
    assert result.types == {"id": "integer", "year": "integer", "part": "string"}
    assert result.column("id") == [0, 1, 2, 3]
    assert result.column("year") == [2024, 2024, 2024, 2025]
    assert result.column("part") == ["a", "b", "b", "a"]
    files = result.report["sources"]["data"]["files"]
    assert files[0] == {"path": "data/year=2024/part=a/2.csv", "rows": 1}
    assert result.warnings == []


@pytest.mark.parametrize("files", [JSONL, PARQUET])
@pytest.mark.parametrize("nulls", [("",), ("x",)])
def test_every_format_has_them(tree, files, nulls):
    result = tree(files, nulls=nulls, file_column="file")
    assert list(result.frame.columns) == ["id", "file", "year", "part"]
    assert sorted(set(result.column("year"))) == [2024, 2025]
    assert result.column("file")[0].startswith("year=2024/part=a/2.")


@pytest.mark.parametrize("path", ["data", "data/", "data/*/*/*.csv", "data/**/*.csv"])
def test_a_folder_or_a_pattern(tree, path):
    assert tree(CSV, path=path).column("id") == [0, 1, 2, 3]


def test_bad_rows_stay_out_and_in_place(tree, tmp_path):
    files = {**CSV, "year=2026/part=c/1.csv": "id\n4\nvier\n5\n"}
    spec = {
        "sources": {"data": {"path": "data/", "hive": True, "types": {"id": "integer"}}},
        "max_bad_rows": 1,
    }
    tree(CSV)
    result = tree(files, spec=spec)
    assert result.column("id") == [0, 1, 2, 3, 4, 5]
    assert result.column("year")[-2:] == [2026, 2026]
    assert result.bad[["file", "line"]].values.tolist() == [["data/year=2026/part=c/1.csv", 3]]


def test_values_are_decoded_and_missing_ones_null(tree):
    files = {
        "city=New%20York%2FNY/a.csv": "id\n1\n",
        "city=__HIVE_DEFAULT_PARTITION__/a.csv": "id\n2\n",
        "city=M%C3%BCnchen/a.csv": "id\n3\n",
        "city=n%2Fa/a.csv": "id\n4\n",
        "city=/a.csv": "id\n5\n",
    }
    result = tree(files, nulls=("n/a",))
    by_id = dict(zip(result.column("id"), result.column("city"), strict=True))
    assert by_id == {1: "New York/NY", 2: None, 3: "München", 4: None, 5: None}
    with pytest.raises(DataError, match="not percent-encoded UTF-8"):
        tree({"city=%FF/a.csv": "id\n9\n"})


def test_types_are_inferred_over_all_values_or_declared(tree):
    files = {
        "month=01/day=2024-01-01/a.csv": "id\n1\n",
        "month=12/day=__HIVE_DEFAULT_PARTITION__/a.csv": "id\n2\n",
    }
    result = tree(files)
    assert result.types == {"id": "integer", "month": "string", "day": "date"}
    assert result.column("month") == ["01", "12"]
    declared = tree({}, types={"month": "integer", "day": "string", "id": "string"})
    assert declared.column("month") == [1, 12]
    assert declared.column("day") == ["2024-01-01", None]
    assert declared.column("id") == ["1", "2"]
    with pytest.raises(DataError, match=r"month=01/day=2024-01-01/a\.csv\) day: the folder says"):
        tree({}, types={"day": "integer"})
    with pytest.raises(SpecError, match="no column 'moth'"):
        tree({}, types={"moth": "integer"})


def test_dates_are_dates(tree):
    result = tree({"day=2024-01-05/a.csv": "id\n1\n"})
    assert pd.to_datetime(result.frame["day"]).dt.date.tolist() == [datetime.date(2024, 1, 5)]


def test_hidden_and_other_files_are_left_out(tree, tmp_path):
    junk = {
        "_SUCCESS": "",
        "year=2024/part=a/_committed_1.csv": "x\n",
        "year=2024/part=a/.2.csv.crc": "x",
        "_temporary/0/year=2024/part=q/1.csv": "id\n99\n",
        ".hidden/year=2024/part=q/1.csv": "id\n99\n",
        "README.md": "x",
    }
    assert tree({**CSV, **junk}).column("id") == [0, 1, 2, 3]
    with pytest.raises(SpecError, match="mixes csv and parquet files"):
        tree(PARQUET)
    assert tree({}, format="csv").column("id") == [0, 1, 2, 3]
    assert len(tree({}, format="parquet").rows) == 6
    with pytest.raises(SpecError, match="no excel files under data/"):
        tree({}, format="excel")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"id=1/a.csv": "id\n1\n"}, "'id' is a column of the files and a folder"),
        ({"ID=1/a.csv": "id\n1\n"}, "'ID' is a column of the files and a folder"),
        ({"a=1/x.csv": "id\n1\n", "b=1/x.csv": "id\n1\n"}, "have different folders above them"),
        ({"a=1/x.csv": "id\n1\n", "x.csv": "id\n1\n"}, "have different folders above them"),
        ({"a=1/a=2/x.csv": "id\n1\n"}, "'a' twice"),
        ({"_row=1/x.csv": "id\n1\n"}, "there are no data files under data/"),
        ({"x.csv": "id\n1\n"}, "has no folder named key=value above it"),
    ],
)
def test_folders_that_do_not_fit(tree, files, message):
    with pytest.raises((DataError, SpecError)) as error:
        tree(files)
    assert message in str(error.value)


def test_a_column_of_the_folder_named_as_ours_is_refused(tree):
    with pytest.raises(DataError, match="'_row', which is reserved"):
        tree({"_row=1/x.csv": "id\n1\n"}, path="data/*/*.csv")


def test_without_hive_there_is_a_warning(tree):
    result = tree(CSV, path="data/*/*/*.csv", hive=False)
    assert list(result.frame.columns) == ["id"]
    assert result.warnings == [
        "data: folders name year, part: declare `hive: true` to read them as columns"
    ]


def test_a_folder_without_hive_is_refused(tree):
    with pytest.raises(SpecError, match=r"is a folder[\s\S]*`path: data/` with `hive: true`"):
        tree(CSV, path="data", hive=False)


def test_the_key_and_the_receipt_see_the_files(tree, tmp_path, monkeypatch):
    tree(CSV)
    section = Ingest.read({"path": "data", "hive": True})
    (pattern,) = section.paths()
    assert [path.as_posix() for path in expand(pattern)] == sorted(f"data/{name}" for name in CSV)
    import glob

    before = set(glob.glob(pattern, recursive=True))
    Path("data/year=2024/part=a/3.csv").write_text("id\n4\n")
    assert set(glob.glob(pattern, recursive=True)) - before == {"data/year=2024/part=a/3.csv"}
    assert len(expand(pattern)) == 4


@pytest.mark.parametrize(
    ("path", "hive", "pattern"),
    [
        ("data", True, "data/**/[!._]*"),
        ("data.parquet/", True, "data.parquet/**/[!._]*"),
        ("data/a=1/x.csv.gz", True, "data/a=1/x.csv.gz"),
        ("data/*/x.csv", True, "data/*/x.csv"),
        ("data", False, "data"),
    ],
)
def test_the_pattern_of_a_path(path, hive, pattern):
    assert Source.read({"path": path, "hive": hive}).pattern == pattern


def test_no_files_below(tree, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(SpecError, match=r"there are no data files under data/"):
        tree({})
