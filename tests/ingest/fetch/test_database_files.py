"""SQLite and DuckDB files: opened read-only, every value exactly."""

import sqlite3
import sys
from decimal import Decimal

import duckdb
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.fetch import UnreachableError

LITE = {"database": "sqlite:///plans.db"}
DUCK = {"database": "duckdb:///plans.duckdb"}


@pytest.fixture
def lite(tmp_path, monkeypatch):
    """Return a function that runs SQL on ``plans.db``."""
    monkeypatch.chdir(tmp_path)

    def run(sql):
        con = sqlite3.connect(tmp_path / "plans.db")
        con.executescript(sql)
        con.close()

    run(
        "CREATE TABLE plans (plan TEXT, fee NUMERIC); INSERT INTO plans VALUES ('a', 5), ('b', 5.5)"
    )
    return run


@pytest.fixture
def duck(tmp_path, monkeypatch):
    """Return a function that runs SQL on ``plans.duckdb``."""
    monkeypatch.chdir(tmp_path)

    def run(sql):
        with duckdb.connect(str(tmp_path / "plans.duckdb")) as con:
            con.execute(sql)

    run("CREATE TABLE plans AS SELECT 'a' AS plan, 5.25::DECIMAL(9,2) AS fee")
    return run


def test_sqlite_columns_have_the_type_of_their_values(get, lite):
    lite(
        "CREATE TABLE t (i, r REAL, s, n); INSERT INTO t VALUES (9223372036854775807, 2, 'é', NULL)"
    )
    came = get({**LITE, "table": "t"})
    assert came.types == {"i": "int64", "r": "double", "s": "string", "n": "string"}
    assert came.rows == [{"i": 2**63 - 1, "r": 2.0, "s": "é", "n": None}]


def test_integers_and_fractions_are_numbers_as_long_as_they_are_exact(get, lite):
    came = get({**LITE, "table": "plans"})
    assert came.rows == [{"plan": "a", "fee": 5.0}, {"plan": "b", "fee": 5.5}]
    lite("INSERT INTO plans VALUES ('c', 9007199254740993)")
    with pytest.raises(DataError, match="'fee' mixes integers and numbers"):
        get({**LITE, "table": "plans"})


def test_a_column_that_mixes_types_needs_a_declaration(get, lite):
    lite("INSERT INTO plans VALUES ('c', 'free')")
    with pytest.raises(DataError, match="'fee' mixes integers and numbers and text"):
        get({**LITE, "table": "plans"})
    came = get({**LITE, "table": "plans", "types": {"fee": "number"}})
    assert [row["fee"] for row in came.rows] == ["5", "5.5", "free"]


def test_a_late_change_of_type_is_seen(get, lite):
    lite(
        "CREATE TABLE t (x); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
        "WHERE i < 45000) INSERT INTO t SELECT i FROM c; INSERT INTO t VALUES ('late')"
    )
    with pytest.raises(DataError, match="mixes integers and text"):
        get({**LITE, "table": "t"})
    assert get({**LITE, "query": "SELECT x FROM t WHERE x < 45001"}).fetched.rows == 45000


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("SELECT x'00' AS v", SpecError, "a blob"),
        ("SELECT 'a' || char(0) AS v", DataError, "NUL"),
        ("SELECT CAST(x'ff' AS TEXT) AS v", UnreachableError, "decode to UTF-8"),
        ("SELECT 1 AS v, 2 AS V", DataError, "two columns"),
        ("SELECT plan FROM plans WHERE 0", DataError, "no rows"),
        ("SELECT nope FROM plans", SpecError, "no such column"),
        ("DELETE FROM plans", SpecError, "only reads"),
        ("SELECT 1; DELETE FROM plans", SpecError, "several statements"),
        ("PRAGMA query_only = 0", SpecError, "only reads"),
    ],
)
def test_sqlite_refuses(get, lite, sql, error, words):
    with pytest.raises(error, match=words):
        get({**LITE, "query": sql})
    assert get({**LITE, "table": "plans"}).fetched.rows == 2


def test_a_query_of_sqlite_that_never_ends_is_ended(get, lite):
    endless = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT sum(i) FROM c"
    with pytest.raises(UnreachableError, match=r"no answer within 0\.3 s"):
        get({**LITE, "query": endless, "timeout": 0.3})


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_file_that_is_gone_or_no_database(get, lite, tmp_path, scheme):
    with pytest.raises(UnreachableError, match=r"no file gone\.db .tried /"):
        get({"database": f"{scheme}:///gone.db", "table": "t"})
    (tmp_path / "junk.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(UnreachableError, match="not a"):
        get({"database": f"{scheme}:///junk.db", "table": "t"})
    with pytest.raises(SpecError, match="does not name a file"):
        get({"database": f"{scheme}://plans.db", "table": "t"})


def test_duckdb_gives_exact_types(get, duck):
    duck(
        "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1::HUGEINT AS h, 2::UTINYINT AS u, "
        "1.25::DECIMAL(38,10) AS d, 0.5::FLOAT AS f, 'x'::ENUM('x', 'y') AS e, "
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS id, DATE '2026-01-02' AS day, "
        "TIMESTAMPTZ '2026-01-01 00:00:00+01' AS z"
    )
    came = get({**DUCK, "table": "s.t"})
    assert came.types == {
        "h": "int64", "u": "uint8", "d": "decimal128(38, 10)", "f": "float", "e": "string",
        "id": "string", "day": "date32[day]", "z": "timestamp[us, tz=UTC]",
    }  # fmt: skip
    row = came.rows[0]
    assert (row["h"], row["d"], row["e"]) == (1, Decimal("1.25"), "x")
    assert row["z"].isoformat() == "2025-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("SELECT [1] AS v", SpecError, "'v' is of the type integer"),
        ("SELECT {'a': 1} AS v", SpecError, "'v' is of the type struct"),
        ("SELECT INTERVAL 1 DAY AS v", SpecError, "interval"),
        ("SELECT 'a'::BLOB AS v", SpecError, "blob"),
        ("SELECT 18446744073709551615::UBIGINT AS v", DataError, "out of range"),
        ("SELECT DATE 'infinity' AS v", DataError, "without end"),
        ("SELECT 'a' || chr(0) AS v", DataError, "NUL"),
        ("SELECT 1 AS v, 2 AS V", DataError, "two columns"),
        ("SELECT ('x' || range)::INT AS v FROM range(3)", DataError, "convert"),
        ("FROM plans WHERE false", DataError, "no rows"),
        ("FROM nope", SpecError, "does not exist"),
        ("FROM read_csv('/etc/passwd')", SpecError, "Cannot access file"),
        ("COPY plans TO 'stolen.csv'", SpecError, "only reads"),
        ("INSERT INTO plans FROM plans", SpecError, "only reads"),
    ],
)
def test_duckdb_refuses(get, duck, tmp_path, sql, error, words):
    with pytest.raises(error, match=words):
        get({**DUCK, "query": sql})
    assert get({**DUCK, "table": "plans"}).rows == [{"plan": "a", "fee": Decimal("5.25")}]
    assert not (tmp_path / "stolen.csv").exists()


def test_a_large_integer_of_duckdb_is_text_where_it_is_declared(get, duck):
    source = {**DUCK, "query": "SELECT 18446744073709551615::UBIGINT AS v"}
    assert get({**source, "types": {"v": "string"}}).rows == [{"v": "18446744073709551615"}]


def test_a_query_of_duckdb_that_never_ends_is_ended(get, duck):
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b"
    with pytest.raises(UnreachableError, match=r"no answer within 0\.3 s"):
        get({**DUCK, "query": endless, "timeout": 0.3})


def test_both_kinds_keep_the_file_where_only_the_order_differs(get, lite, duck):
    for values in (LITE, DUCK):
        first = get({**values, "query": "SELECT plan FROM plans UNION ALL SELECT 'z' ORDER BY 1"})
        again = {**values, "query": "SELECT plan FROM plans UNION ALL SELECT 'z' ORDER BY 1 DESC"}
        assert get(again, first.before).fetched.kept == {"rows.parquet"}


def test_a_database_that_is_not_known(get):
    with pytest.raises(SpecError, match="postgresql, mysql, mariadb, sqlite, duckdb"):
        get({"database": "oracle://scott@host/db", "table": "t"})
    with pytest.raises(SpecError) as caught:
        get({"database": "postgresq://host/db", "table": "t"})
    assert "did you mean 'postgresql'" in str(caught.value).lower() or "postgresql" in str(
        caught.value
    )
    with pytest.raises(SpecError, match=r"not the URL of a database"):
        get({"database": "plans.db", "table": "t"})


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_missing_extra_is_said_in_one_line(get, monkeypatch, scheme):
    for name in ("sqlalchemy", "psycopg", "pymysql"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, name, None)
            if (
                name != "sqlalchemy"
                and name != {"postgresql": "psycopg", "mysql": "pymysql"}[scheme]
            ):
                continue
            with pytest.raises(SpecError) as caught:
                get({"database": f"{scheme}://me@127.0.0.1/db", "table": "t"})
        assert str(caught.value) == (
            f"ingest.sources.plans.database: a {scheme}:// URL needs the extra 'sql'\n"
            "  hint: pip install 'mlpipe[sql]'"
        )
