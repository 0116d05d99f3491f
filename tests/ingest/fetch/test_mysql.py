"""MariaDB, a real one, through the driver for MySQL."""

import datetime as dt
from decimal import Decimal
from urllib.parse import urlsplit

import pymysql
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.fetch import UnreachableError
from tests.servers import PASSWORD

TABLE = """
CREATE TABLE plans (
  i int, b bigint unsigned, d decimal(10,2), u decimal(5,2) unsigned, x double,
  s varchar(20), t text, at datetime(6), zoned timestamp(6), day date, e enum('a', 'b'),
  f float, j blob, ti time, bi bit(3), w decimal(50,2)
)"""
ROW = """
INSERT INTO plans VALUES (
  1, 18446744073709551615, 12345678.25, 999.99, 0.1, 'é %s', 't',
  '2026-01-02 03:04:05.123456', '2026-01-02 03:04:05', '2026-01-02', 'b',
  0.1, 'x', '10:00', b'101', 1.5
)"""


@pytest.fixture(scope="module")
def server(mariadb_url):
    parts = urlsplit(mariadb_url)
    con = pymysql.connect(
        host="127.0.0.1", port=parts.port, user="me", password=PASSWORD, database="shop",
        autocommit=True,
    )  # fmt: skip
    with con, con.cursor() as cursor:
        cursor.execute("SET time_zone = '+02:00'")
        cursor.execute(TABLE)
        cursor.execute(ROW)
    return mariadb_url


def test_values_keep_their_types_and_themselves(get, server):
    columns = "i, d, u, x, s, t, at, zoned, day, e, sum(d) OVER () AS total"
    came = get({"database": server, "query": f"SELECT {columns} FROM plans WHERE s LIKE '%é%'"})
    assert came.types == {
        "i": "int64",
        "d": "decimal128(10, 2)",
        "u": "decimal128(5, 2)",
        "x": "double",
        "s": "string",
        "t": "string",
        "at": "timestamp[us]",
        "zoned": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "e": "string",
        "total": "decimal128(32, 2)",
    }
    row = came.rows[0]
    assert row["d"] == row["total"] == Decimal("12345678.25")
    assert row["u"] == Decimal("999.99")
    assert (row["s"], row["e"], row["x"]) == ("é %s", "b", 0.1)
    assert row["at"] == dt.datetime(2026, 1, 2, 3, 4, 5, 123456)
    assert row["zoned"] == dt.datetime(2026, 1, 2, 1, 4, 5, tzinfo=dt.UTC)


def test_a_large_integer_is_refused_unless_it_is_declared(get, server):
    query = "SELECT b FROM plans"
    with pytest.raises(DataError, match="18446744073709551615, which does not fit"):
        get({"database": server, "query": query})
    came = get({"database": server, "query": query, "types": {"b": "decimal(20,0)"}})
    assert came.rows == [{"b": "18446744073709551615"}]


@pytest.mark.parametrize(
    ("column", "error", "words"),
    [
        ("f", SpecError, "rounded"),
        ("j", SpecError, "a blob"),
        ("ti", SpecError, "a TIME"),
        ("bi", SpecError, "a BIT"),
        ("w", DataError, "decimal of 50 digits"),
        ("nope", SpecError, "Unknown column"),
    ],
)
def test_what_is_not_read_is_refused(get, server, column, error, words):
    with pytest.raises(error, match=words):
        get({"database": server, "query": f"SELECT {column} FROM plans"})


def test_nothing_is_written(get, server):
    for query in ("DELETE FROM plans", "SELECT i FROM plans FOR UPDATE", "SELECT 1; SELECT 2"):
        with pytest.raises(SpecError):
            get({"database": server, "query": query})
    assert get({"database": server, "query": "SELECT i FROM shop.plans"}).fetched.rows == 1


def test_a_slow_answer_and_a_wrong_password(get, server):
    with pytest.raises(UnreachableError, match="no answer within 1 s"):
        get({"database": server, "query": "SELECT sleep(20)", "timeout": 1})
    with pytest.raises(UnreachableError, match="Access denied") as caught:
        get({"database": server.replace("me:", "me:x"), "query": "SELECT 1"})
    assert PASSWORD not in repr(caught.value)
