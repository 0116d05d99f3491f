"""PostgreSQL, a real one: types exactly, nothing written, no password anywhere."""

import datetime as dt
from decimal import Decimal
from urllib.parse import quote

import psycopg
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.fetch import UnreachableError
from tests.servers import PASSWORD, free_port


@pytest.fixture(scope="module")
def server(postgresql_url):
    with psycopg.connect(postgresql_url, autocommit=True) as con:
        con.execute("CREATE SCHEMA billing")
        con.execute('CREATE TABLE billing."Plans" (plan text, fee numeric(10,2))')
        con.execute("INSERT INTO billing.\"Plans\" VALUES ('basic', 5), ('plus', 9.99)")
        con.execute(
            "CREATE TABLE many AS SELECT i, i / 7.0::float8 AS x FROM generate_series(1, 50000) i"
        )
        con.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        con.execute("CREATE SEQUENCE used")
    return postgresql_url


def _one(get, server, expression, **source):
    return get({"database": server, "query": f"SELECT {expression} AS v", **source})


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("7::int2", "int64", 7),
        ("9223372036854775807::int8", "int64", 2**63 - 1),
        ("1234567.25::numeric(10,2)", "decimal128(10, 2)", Decimal("1234567.25")),
        ("0.1::numeric", "double", 0.1),
        ("0.1::float8", "double", 0.1),
        ("0.5::float4", "float", 0.5),
        ("true", "bool", True),
        ("'100% of :x'::text", "string", "100% of :x"),
        ("'ab'::varchar(5)", "string", "ab"),
        ("'ok'::mood", "string", "ok"),
        (
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            "string",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
        ("date '2026-02-28'", "date32[day]", dt.date(2026, 2, 28)),
        (
            "timestamp '2026-02-28 01:02:03.000004'",
            "timestamp[us]",
            dt.datetime(2026, 2, 28, 1, 2, 3, 4),
        ),
        (
            "timestamptz '2026-02-28 01:00:00+02'",
            "timestamp[us, tz=UTC]",
            dt.datetime(2026, 2, 27, 23, tzinfo=dt.UTC),
        ),
        ("null::int8", "int64", None),
    ],
)
def test_a_value_keeps_its_type_and_itself(get, server, expression, kind, value):
    came = _one(get, server, expression)
    assert came.types == {"v": kind}
    assert came.rows == [{"v": value}]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'{}'::jsonb", "flatten it or cast it in the query"),
        ("'{}'::json", "flatten it or cast it in the query"),
        ("array[1, 2]", "flatten it or cast it in the query"),
        ("row(1, 2)", "cast it in the query"),
        ("'x'::bytea", "is a blob"),
        ("interval '1 day'", "extract(epoch from"),
        ("time '10:00'", "cast it in the query"),
        ("12.5::money", "::numeric"),
    ],
)
def test_what_is_no_single_value_is_refused_with_a_hint(get, server, expression, words):
    with pytest.raises(SpecError) as caught:
        _one(get, server, expression)
    assert "'v'" in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.problems[0].key == "ingest.sources.plans.query"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("9007199254740993::numeric", "holds 9007199254740993"),
        ("10.0 / 3", "no 64-bit number is exactly"),
        ("1::numeric(50,0)", "decimal of 50 digits"),
        ("'infinity'::date", "date too large"),
        ("1 / 0", "division by zero"),
    ],
)
def test_what_cannot_be_exact_is_refused(get, server, expression, words):
    with pytest.raises(DataError, match=words):
        _one(get, server, expression)


def test_a_declared_column_keeps_its_digits_as_text(get, server):
    came = _one(get, server, "10.0 / 3", types={"v": "decimal(38,20)"})
    assert came.types == {"v": "string"}
    assert came.rows[0]["v"].startswith("3.3333333333333333")


def test_a_table_may_be_in_a_schema_and_its_name_is_quoted(get, server):
    came = get({"database": server, "table": "billing.Plans"})
    assert [row["plan"] for row in came.rows] == ["basic", "plus"]
    with pytest.raises(SpecError, match="does not exist"):
        get({"database": server, "table": "billing.plans"})


def test_rows_stream_in_the_order_of_the_query(get, server):
    came = get({"database": server, "query": "SELECT i FROM many ORDER BY i DESC"})
    assert came.fetched.rows == 50000
    assert came.table["i"].to_pylist() == list(range(50000, 0, -1))


def test_the_same_rows_in_another_order_are_the_same_rows(get, server):
    first = get({"database": server, "query": "SELECT * FROM many ORDER BY i"})
    again = get({"database": server, "query": "SELECT * FROM many ORDER BY x DESC"}, first.before)
    assert again.fetched.kept == {"rows.parquet"}
    assert again.names == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT i, x FROM many WHERE i <> 3",
        "SELECT i, CASE i WHEN 3 THEN 0 ELSE x END AS x FROM many",
        "SELECT i, x FROM many UNION ALL SELECT i, x FROM many WHERE i = 3",
        "SELECT i, x AS y FROM many",
        "SELECT i::numeric AS i, x FROM many",
    ],
)
def test_other_rows_are_other_rows(get, server, query):
    first = get({"database": server, "query": "SELECT i, x FROM many"})
    again = get({"database": server, "query": query}, first.before)
    assert again.fetched.kept == frozenset()
    assert again.names == ["rows.parquet"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM many",
        "SELECT 1; DELETE FROM many",
        "WITH gone AS (DELETE FROM many RETURNING *) SELECT * FROM gone",
        "SELECT * INTO other FROM many",
        "SELECT nextval('used')",
        "SELECT i FROM many FOR UPDATE",
        "CALL something()",
        "",
        "-- nothing",
    ],
)
def test_nothing_but_one_query_that_reads(get, server, query):
    with pytest.raises(SpecError):
        get({"database": server, "query": query or " "})
    with psycopg.connect(server) as con:
        assert con.execute("SELECT count(*) FROM many").fetchone() == (50000,)
        assert con.execute("SELECT is_called FROM used").fetchone() == (False,)


def test_the_transaction_refuses_what_no_parser_sees(get, server):
    with psycopg.connect(server, autocommit=True) as con:
        con.execute(
            "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'DELETE FROM many; SELECT 1'"
        )
        assert con.execute("SELECT count(*) FROM many").fetchone() == (50000,)
        with pytest.raises(SpecError, match="read-only transaction"):
            get({"database": server, "query": "SELECT sly()"})
        assert con.execute("SELECT count(*) FROM many").fetchone() == (50000,)
        con.execute("DROP FUNCTION sly")


def test_a_query_that_takes_too_long_is_ended(get, server):
    source = {"database": server, "query": "SELECT pg_sleep(20)", "timeout": 0.5}
    with pytest.raises(UnreachableError, match=r"no answer within 0\.5 s"):
        get(source)


def test_a_connection_that_breaks_off_is_said_so(get, server):
    query = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(UnreachableError, match=r"terminat|closed|lost"):
        get({"database": server, "query": query})


@pytest.mark.parametrize("wrong", ["wr0ng", PASSWORD])
def test_no_message_holds_the_password(get, server, wrong):
    good = quote(PASSWORD, safe="")
    assert good in server
    host = server.partition("@")[2]
    url = f"postgresql://me:{quote(wrong, safe='')}@{host}"
    if wrong == PASSWORD:
        url = url.replace(host.partition("/")[0], f"127.0.0.1:{free_port()}")
    with pytest.raises(UnreachableError) as caught:
        get({"database": url, "query": "SELECT 1", "timeout": 2}, secrets=(wrong,))
    told = repr(caught.value) + repr(caught.value.__cause__)
    assert wrong not in told
    assert quote(wrong, safe="") not in told


def test_what_is_asked_first_decides(get, server):
    source = {
        "database": server,
        "query": "SELECT i FROM many",
        "refresh": "SELECT max(i) FROM many",
    }
    first = get(source)
    assert get(source, first.before).fetched.rows is None  # not even asked
    other = {**source, "refresh": "SELECT min(i) FROM many WHERE i > 1"}
    assert get(other, first.before).fetched.rows == 50000
    with pytest.raises(SpecError, match="several rows"):
        get({**source, "refresh": "SELECT i FROM many"})


def test_two_columns_of_one_name_and_no_rows_are_refused(get, server):
    with pytest.raises(DataError, match="two columns of the name a"):
        get({"database": server, "query": 'SELECT 1 AS a, 2 AS "A"'})
    with pytest.raises(DataError, match="no rows"):
        get({"database": server, "query": "SELECT i FROM many WHERE i < 0"})
