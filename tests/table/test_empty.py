"""Columns without a value, which no reader can know the type of."""

import pytest

from mlpipe.table.empty import empty_columns, typed_as
from mlpipe.table.kinds import type_word
from mlpipe.table.session import Session

WORDS = ["integer", "number", "string", "boolean", "date", "timestamp", "timestamp_utc",
         "decimal(9,2)"]  # fmt: skip


@pytest.fixture
def session(tmp_path):
    with Session(tmp_path) as made:
        yield made


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("read", ["VARCHAR", "INTEGER"])
def test_it_has_the_type_that_is_known_of_it(session, word, read):
    table = session.query(f"SELECT range AS _row, NULL::{read} AS a, 1 AS b FROM range(3)")
    found = typed_as(table, {"a": word, "b": "string", "gone": "integer"}, session)
    assert found.columns == ("_row", "a", "b")
    assert type_word(found.schema()["a"]) == word
    assert session.pandas(found)["a"].isna().all()
    assert type_word(found.schema()["b"]) == "integer"  # it holds values: they are what they are


def test_one_value_keeps_a_column_what_it_is(session):
    table = session.query("SELECT * FROM (VALUES (NULL), ('x'), (NULL)) t(a)")
    assert typed_as(table, {"a": "integer"}, session) is table
    assert empty_columns(table, ["a"], session) == []
    none = table.filter(table["a"].isnull())
    assert empty_columns(none, ["a"], session) == ["a"]


def test_what_nothing_is_known_of_stays(session):
    table = session.query("SELECT NULL::VARCHAR AS a, NULL::VARCHAR AS b")
    assert typed_as(table, {"a": "string", "b": "uuid"}, session) is table
