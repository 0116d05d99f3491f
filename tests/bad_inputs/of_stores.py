"""Cases 65 to 75: what only Parquet, JSON, databases and the web can get wrong."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bad_inputs.words import (
    Case,
    Elsewhere,
    NotHere,
    Quarantined,
    Refused,
    Taken,
    csv,
    elsewhere,
    jsonl,
    made,
    parquet,
    sqlite,
    text_only,
)

DATABASES = "tests/ingest/fetch/test_database_files.py::"
POSTGRES = "tests/ingest/fetch/test_postgresql.py::"
WEB = "tests/ingest/fetch/test_web.py::"
OBJECTS = "tests/ingest/fetch/test_objects.py::"
QUERY = "tests/ingest/test_query.py::"
FLAT = text_only("its values are not nested")
T = "CREATE TABLE t (x); INSERT INTO t VALUES (1); "


def _whole() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(100))}), sink)
    return sink.getvalue()


def _cut(folder: Path) -> None:
    (folder / "data.parquet").write_bytes(_whole()[:-6])


def _overwritten(folder: Path) -> None:
    whole = _whole()
    (folder / "data.parquet").write_bytes(whole[:10] + b"\xff" * 40 + whole[-8:])


def _pickled() -> pa.Table:
    metadata = {b"ARROW:extension:name": b"arrow.py_extension_type"}
    metadata[b"ARROW:extension:metadata"] = b"cos\nsystem\n(S'true'\ntR."
    field = pa.field("x", pa.int64(), metadata=metadata)
    return pa.table([[1]], schema=pa.schema([field]))


def _deep(levels: int) -> str:
    return '{"x": "1"}\n{"x": ' + "[" * levels + "]" * levels + "}\n"


CASES = (
    elsewhere(
        65,
        "flipped bits in a file of ours",
        "tests/run/test_store.py::test_a_damaged_artifact_is_set_aside_and_never_served",
        "tests/run/test_manifest.py::test_no_single_flipped_bit_goes_unseen",
    ),
    Case(
        66,
        "no footer",
        csv=text_only("it has none"),
        parquet=(
            made("parquet", _cut, Refused(3, r"data\.parquet has no footer")),
            made("parquet", _overwritten, Refused(3, r"data\.parquet has a damaged footer")),
        ),
        jsonl=text_only("it has none"),
        sqlite=text_only("it has none"),
    ),
    Case(
        67,
        "pickled extension types",
        csv=text_only("it has no types"),
        parquet=(parquet(_pickled(), Refused(3, "x: .*pickled extension type")),),
        jsonl=text_only("it has no types of its own"),
        sqlite=text_only("it has no types of its own"),
    ),
    Case(
        68,
        "nested column",
        csv=FLAT,
        parquet=(
            parquet(
                {"x": pa.array([{"city": "a"}])}, Refused(2, r"'x' is nested[\s\S]*flatten it")
            ),
            parquet({"x": pa.array([[1, 2]])}, Refused(2, r"'x' is nested[\s\S]*flatten it")),
        ),
        jsonl=(
            jsonl('{"x": {"city": "a"}}\n', Refused(2, r"x: [\s\S]*types: \{x: string\}")),
            jsonl('{"x": [1]}\n', Refused(2, r"x: [\s\S]*types: \{x: string\}")),
        ),
        sqlite=(sqlite("CREATE TABLE t (x); INSERT INTO t VALUES (x'00')", Refused(2, "blob")),),
    ),
    Case(
        69,
        "ragged and doubled keys",
        csv=text_only("its header stands once; case 43, 44 and 46"),
        parquet=text_only("its schema stands once; case 46"),
        jsonl=(
            jsonl('{"a": 1, "b": 2}\n{"a": 2}\n', Quarantined("has no key 'b'", (2,))),
            jsonl('{"a": 1}\n{"a": 2, "a": 3}\n', Quarantined("has the key 'a' twice", (2,))),
            jsonl('{"a": 1}\n5\n{"a": 2}\n', Quarantined("is not an object", (2,))),
            jsonl('{"b": 1, "a": 2}\n{"a": 3, "b": 4}\n', Taken({"b": [1, 4], "a": [2, 3]})),
        ),
        sqlite=text_only("a table has the same columns in each row; case 46"),
    ),
    Case(
        70,
        "1e400",
        csv=(
            csv("n,x\n1,0.5\n2,1e400\n", Refused(3, r"data\.csv:3\) x: .*too large for a number")),
        ),
        parquet=(NotHere("a double holds no such number; as inf it is case 57"),),
        jsonl=(
            jsonl(
                '{"x": 1}\n{"x": 1e400}\n',
                Refused(3, r"data\.jsonl:2\) x: .* is too large for a number"),
            ),
        ),
        sqlite=(sqlite("CREATE TABLE t (x); INSERT INTO t VALUES (1e400)", Refused(3, "inf")),),
    ),
    Case(
        71,
        "deep JSON",
        csv=FLAT,
        parquet=FLAT,
        jsonl=tuple(
            jsonl(
                _deep(levels),
                Refused(3, r"data\.jsonl:2: is nested deeper than 64"),
                source={"types": {"x": "string"}},
            )
            for levels in (65, 100_000)
        ),
        sqlite=FLAT,
    ),
    Case(
        72,
        "values are bound, identifiers quoted",
        csv=(Elsewhere(f"{QUERY}test_case_72_variables_are_bound_and_never_pasted"),),
        parquet=(
            parquet(
                {'x"; DROP TABLE t; --': ["'; --"]}, Taken({'x"; DROP TABLE t; --': ["'; --"]})
            ),
        ),
        jsonl=(jsonl('{"it\'s \\"x\\"": "\'; --"}\n', Taken({'it\'s "x"': ["'; --"]})),),
        sqlite=(
            sqlite(
                "CREATE TABLE t (\"a\"\"; --\"); INSERT INTO t VALUES ('''; --')",
                Taken({'a"; --': ["'; --"]}),
            ),
            Elsewhere(f"{POSTGRES}test_a_table_may_be_in_a_schema_and_its_name_is_quoted"),
        ),
    ),
    Case(
        73,
        "a write, several statements",
        csv=(
            Elsewhere(f"{QUERY}test_case_73_anything_but_one_select"),
            csv("x\n1\n", Refused(2, r"ingest\.sql"), sql="select 1; drop view data"),
        ),
        parquet=(
            parquet({"x": [1]}, Refused(2, r"ingest\.sql"), sql="insert into data values (2)"),
        ),
        jsonl=(jsonl('{"x": 1}\n', Refused(2, r"ingest\.sql"), sql="copy data to 'x.csv'"),),
        sqlite=(
            sqlite(T, Refused(2, "only reads"), query="DELETE FROM t"),
            sqlite(T, Refused(2, "several statements"), query="SELECT 1; DELETE FROM t"),
            sqlite(T, Refused(2, "only reads"), query="PRAGMA query_only = 0"),
        ),
    ),
    Case(
        74,
        "timeout, dropped connection, password",
        csv=(
            Elsewhere(f"{WEB}test_a_server_that_does_not_answer"),
            Elsewhere(f"{WEB}test_a_body_in_chunks_that_breaks_off"),
        ),
        parquet=(Elsewhere(f"{OBJECTS}test_a_store_that_does_not_answer"),),
        jsonl=(Elsewhere(f"{WEB}test_a_short_body"),),
        sqlite=(
            Elsewhere(f"{DATABASES}test_a_query_of_sqlite_that_never_ends_is_ended"),
            Elsewhere(f"{POSTGRES}test_a_query_that_takes_too_long_is_ended"),
            Elsewhere(f"{POSTGRES}test_a_connection_that_breaks_off_is_said_so"),
            Elsewhere(f"{POSTGRES}test_no_message_holds_the_password"),
        ),
    ),
    elsewhere(
        75,
        "private addresses",
        f"{WEB}test_a_private_address_is_refused",
        f"{WEB}test_a_redirect_to_a_private_address_is_refused",
        f"{OBJECTS}test_a_private_endpoint_is_refused",
    ),
)
