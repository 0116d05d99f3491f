"""Labels, scope, Parquet sources and the bytes that come out."""

import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.schema import missing_columns
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session

ROWS = b"id,x\n3,c\n1,a\n2,b\n"
LABELLED = {"key": "id", "target": "y"}


@pytest.fixture
def labelled(read, tmp_path):
    (tmp_path / "data.csv").write_bytes(ROWS)

    def labelled(labels: bytes, join=True, **options):
        (tmp_path / "labels.csv").write_bytes(labels)
        section = {"path": "data.csv", "labels": {"path": "labels.csv", **options}}
        return read(spec=section, columns=LABELLED, labels=join)

    return labelled


def test_labels_join_without_moving_or_losing_a_row(labelled):
    result = labelled(b"id,y\n1,yes\n3,no\n9,no\n")
    assert result.column("id") == [3, 1, 2]
    assert result.column("y") == ["no", "yes", None]
    assert result.rows == [0, 1, 2]
    assert result.warnings == ["1 rows have no label", "1 labels belong to no row"]


def test_without_labels_the_target_is_not_needed(labelled):
    result = labelled(b"id,y\n1,yes\n", join=False)
    assert list(result.frame.columns) == ["id", "x"]


def test_case_62_a_label_that_stands_twice(labelled):
    with pytest.raises(DataError, match=r"not unique in the labels.*1 \(2 rows\)"):
        labelled(b"id,y\n1,yes\n1,no\n2,no\n3,no\n")


def test_labels_that_do_not_fit(labelled, read, tmp_path):
    with pytest.raises(DataError, match="is bigint in the table and varchar in the labels"):
        labelled(b"id,y\n1a,yes\n")
    with pytest.raises(DataError, match="labels have no column id"):
        labelled(b"ID2,y\n1,yes\n")
    with pytest.raises(SpecError, match="labels bring columns that the table has: x"):
        labelled(b"id,x,y\n1,a,yes\n")
    with pytest.raises(SpecError, match="labels need a key"):
        read(spec={"path": "data.csv", "labels": {"path": "labels.csv"}})
    result = labelled(b"id,y\n1.0,yes\n")
    assert result.column("y") == [None, "yes", None]


def test_scope_marks_rows_and_drops_none(read):
    result = read(b"id,x\n1,5\n2,\n3,9\n", spec={"path": "data.csv", "scope": "x > 6"})
    assert result.frame["_scope"].tolist() == [False, False, True]
    assert [column["name"] for column in result.report["columns"]] == ["id", "x"]


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("xx > 6", 'column "xx" not found'),
        ("x + 1", "is bigint, not a condition"),
        ("x > (select 1)", "not about one row"),
        ("sum(x) > 1", "GROUP BY"),
        ("random() > 0.5", "random"),
        ("x > 1; select 1", "syntax error"),
        ("x > 1), (true", "not one expression"),
        ("true) from range(3) where (true", "not one expression"),
    ],
)
def test_scope_is_one_condition_on_one_row(read, scope, message):
    with pytest.raises(SpecError, match=message) as error:
        read(b"id,x\n1,5\n", spec={"path": "data.csv", "scope": scope})
    assert error.value.problems[0].key == "ingest.scope"


def many(rows: int) -> bytes:
    lines = (
        f'{row},{row % 7 / 8},"word {row % 5}, of many",2026-01-{row % 28 + 1:02d}'
        for row in range(rows)
    )
    return ("id,x,text,day\n" + "\n".join(lines) + "\n").encode()


def digest(tmp_path, name: str, threads: int, section: dict, columns: dict) -> str:
    scratch = tmp_path / name
    scratch.mkdir()
    with Session(scratch, threads=threads) as session:
        outputs = ingest(Ingest.read(section), Columns.read(columns), {}, session)
        session.write(outputs["table"], scratch / "out.parquet")
    return hashlib.sha256((scratch / "out.parquet").read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["plain", "sql", "labels", "quarantine"])
def test_the_same_bytes_each_time_on_any_number_of_threads(tmp_path, shape):
    for part in range(2):
        rows = many(150_000) if part == 0 else many(1_000).replace(b"\n", b"\n9", 1)
        bad = b"1,zwei,x,2026-01-01\n" if shape == "quarantine" else b""
        (tmp_path / f"part{part}.csv").write_bytes(rows + bad)
    source = {"path": str(tmp_path / "part*.csv"), "types": {"x": "number"}}
    section = {"sources": {"data": source}, "max_bad_rows": 2}
    columns: dict = {}
    if shape == "sql":
        section["sql"] = "select text, day, sum(x) as x, avg(x) as m from data group by text, day"
    if shape == "labels":
        section["sql"] = "select row_number() over () as key, * from data"
        labels = b"key,y\n" + b"".join(b"%d,%d\n" % (row, row % 2) for row in range(100_000))
        (tmp_path / "labels.csv").write_bytes(labels)
        section["labels"] = {"path": str(tmp_path / "labels.csv")}
        columns = {"key": "key"}
    found = {
        digest(tmp_path, f"run{run}", threads, section, columns)
        for run, threads in enumerate((1, 2, 2))
    }
    assert len(found) == 1


def parquet(tmp_path, name: str, frame: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), tmp_path / name)


def test_parquet_is_read_as_it_is(read, tmp_path):
    parquet(tmp_path, "a.parquet", pd.DataFrame({"id": [2, 1], "x": [0.5, None]}))
    parquet(tmp_path, "b.parquet", pd.DataFrame({"id": [4], "x": [1.5]}))
    result = read(path="*.parquet")
    assert result.column("id") == [2, 1, 4]
    assert result.rows == [0, 1, 2]
    assert read(path="*.parquet", file_column="file").column("file") == [
        "a.parquet",
        "a.parquet",
        "b.parquet",
    ]


def test_case_38_parquet_shards_with_different_schemas(read, tmp_path):
    parquet(tmp_path, "a.parquet", pd.DataFrame({"id": [1]}))
    parquet(tmp_path, "b.parquet", pd.DataFrame({"id": ["1"]}))
    with pytest.raises(DataError, match="different schemas: id"):
        read(path="*.parquet")


def test_case_66_no_footer(read, tmp_path):
    parquet(tmp_path, "a.parquet", pd.DataFrame({"id": [1]}))
    content = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(DataError, match="has no footer"):
        read(content[:-6], path="b.parquet")
    with pytest.raises(DataError, match="damaged"):
        read(content[:10] + b"\xff" * 40 + content[-8:], path="c.parquet")


def test_case_68_nested_parquet(read, tmp_path):
    pq.write_table(pa.table({"id": [1], "where_to": [{"city": "x"}]}), tmp_path / "a.parquet")
    with pytest.raises(SpecError, match=r"'where_to' is nested[\s\S]*flatten it"):
        read(path="a.parquet")
    section = {
        "sources": {"a": {"path": "a.parquet"}},
        "sql": "select id, where_to.city as city from a",
    }
    assert read(spec=section).column("city") == ["x"]


def test_case_57_inf_and_nan_in_parquet(read, tmp_path):
    pq.write_table(pa.table({"x": [1.0, float("nan")]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="x: holds 1 values that are inf or nan"):
        read(path="a.parquet")
    assert read(path="a.parquet", nulls=["nan"]).column("x") == [1.0, None]


def test_types_declared_for_parquet(read, tmp_path):
    parquet(tmp_path, "a.parquet", pd.DataFrame({"id": [1, 2], "n": ["07", "x"]}))
    with pytest.raises(DataError, match=r"a\.parquet:2\) n: 'x' is not an integer"):
        read(path="a.parquet", types={"n": "integer"})
    section = {"path": "a.parquet", "types": {"n": "integer", "id": "string"}, "max_bad_rows": 1}
    result = read(spec=section)
    assert result.column("n") == [7]
    assert result.column("id") == ["1"]
    with pytest.raises(SpecError, match=r"types\.m"):
        read(path="a.parquet", types={"m": "integer"})


def test_rows_that_are_all_bad_are_another_thing_than_no_rows(read, tmp_path):
    """However many may be bad: what is wrong with them is told, and where."""
    parquet(tmp_path, "a.parquet", pd.DataFrame({"n": ["x", "y"]}))
    for path, content in (
        ("a.parquet", None), ("a.csv", b"n\nx\ny\n"), ("a.jsonl", b'{"n": "x"}\n{"n": "y"}\n'),
    ):  # fmt: skip
        spec = {"path": path, "types": {"n": "integer"}, "max_bad_rows": 9}
        with pytest.raises(DataError) as caught:
            read(content, path=path, spec=spec)
        first, *others = caught.value.problems
        assert first.message == "none of its 2 rows can be read", path
        assert [each.message for each in others] == [f"'{x}' is not an integer" for x in "xy"]
        assert all(path in each.place for each in others)
    parquet(tmp_path, "b.parquet", pd.DataFrame({"n": pd.Series([], dtype=str)}))
    with pytest.raises(DataError, match=r"b\.parquet holds no rows"):
        read(path="b.parquet", types={"n": "integer"})


def test_kinds_and_types_are_reported(read):
    text = "this is a sentence with number"
    lines = "".join(f"{row},{text} {row},a,true,2026-01-01\n" for row in range(20))
    result = read(f"n,note,code,flag,day\n{lines}".encode(), columns={"kinds": {"category": ["n"]}})
    assert result.kinds == {
        "n": "category",
        "note": "text",
        "code": "category",
        "flag": "boolean",
        "day": "date",
    }


def test_missing_columns_gives_paths_of_the_spec():
    columns = Columns.read({"target": "y", "sensitive": ["g"], "kinds": {"text": ["note"]}})
    assert missing_columns(columns, ["noted"]) == [
        (("columns", "target"), "y", ""),
        (("columns", "sensitive", 0), "g", ""),
        (("columns", "kinds", "text", 0), "note", "did you mean 'noted'?"),
    ]
    assert missing_columns(columns, ["g", "note"], labels=False) == []


@pytest.mark.parametrize(
    "section",
    [
        {"sources": {}},
        {"path": "a.csv", "header": False},
        {"path": "a.csv", "names": ["a"]},
        {"path": "a.csv", "header": False, "names": ["a", "A"]},
        {"path": "a.csv", "types": {"a": "int"}},
        {"path": "a.csv", "types": {"a": "decimal(3,4)"}},
        {"path": "a.csv", "encoding": "latin-15x"},
        {"path": "a.csv", "max_bad_rows": 1.5},
        {"path": "a.csv", "max_bad_rows": -1},
        {"sources": {"a b": {"path": "a.csv"}}},
        {"sources": {"a": {"path": "a.csv"}, "b": {"path": "b.csv"}}},
        {"sources": {"a": {"path": "a.csv"}, "A": {"path": "b.csv"}}, "sql": "select 1"},
    ],
)
def test_a_wrong_section_is_refused(section):
    with pytest.raises(ValidationError):
        Ingest.read(section)


def test_paths_name_everything_that_is_read():
    section = Ingest.read({"path": "a.csv", "labels": {"path": "l.csv"}, "sql": {"file": "s.sql"}})
    assert section.paths() == ("a.csv", "l.csv", "s.sql")
    assert section.sources["data"].path == "a.csv"


@pytest.mark.parametrize("kind", [pa.decimal256(60, 2), pa.duration("ms")], ids=str)
def test_a_parquet_type_that_would_be_bent_is_refused(read, tmp_path, kind):
    pq.write_table(pa.table({"x": pa.array([1, 2], pa.int64()).cast(kind)}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x\.parquet holds .*, which cannot be read exactly"):
        read(path="x.parquet")


def test_a_parquet_file_without_rows_is_refused(read, tmp_path):
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x\.parquet holds no rows"):
        read(path="x.parquet")


@pytest.mark.parametrize("name", ["file_row_number", "File_Index"])
def test_a_name_by_which_the_engine_counts_rows_is_refused(read, tmp_path, name):
    with pytest.raises(DataError, match=f"has a column '{name}', which is reserved"):
        read(f"{name},x\n9,1\n8,2\n".encode())
    pq.write_table(pa.table({name: [9, 8], "x": [1, 2]}), tmp_path / "data.parquet")
    with pytest.raises(DataError, match="reserved"):
        read(spec={"path": "data.parquet"})
    with pytest.raises(SpecError, match="reserved"):
        read(b"a,x\n9,1\n", spec={"path": "data.csv", "sql": f"select a as {name}, x from data"})


@pytest.mark.parametrize("name", ["_row", "_SCOPE", "file_row_number"])
def test_a_column_of_file_names_may_not_take_a_reserved_name(read, name):
    with pytest.raises(DataError, match=f"has a column '{name}', which is reserved"):
        read(b"a,x\n9,1\n", spec={"path": "data.csv", "file_column": name})
