"""A session: the same rows in, the same bytes out."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlpipe.table.columns import Columns
from mlpipe.table.kinds import infer_kinds, type_word
from mlpipe.table.session import Session, identifier, literal


@pytest.fixture
def session(tmp_path):
    with Session(tmp_path) as session:
        yield session


def test_rows_are_written_by_position(session, tmp_path):
    table = session.frame(pd.DataFrame({"_row": [2, 0, 1], "x": ["c", "a", None]}))
    assert session.write(table, tmp_path / "a.parquet") == 3
    assert pq.read_table(tmp_path / "a.parquet").to_pydict() == {
        "_row": [0, 1, 2],
        "x": ["a", None, "c"],
    }


def test_a_table_that_is_a_file_is_placed_and_not_written_again(session, tmp_path):
    table = session.frame(pd.DataFrame({"x": range(10)}))
    session.write(table, tmp_path / "a.parquet")
    again = session.read(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"old")
    assert session.write(again, tmp_path / "b.parquet") == 10
    assert (tmp_path / "b.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()
    assert session.write(again.filter(again.x > 4), tmp_path / "c.parquet") == 5


def test_sessions_run_in_utc(session):
    assert session.raw.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)


def test_names_and_texts_are_quoted(session):
    name, text = 'a "b"; drop', "it's"
    found = session.raw.sql(f"SELECT {literal(text)} AS {identifier(name)}")
    assert found.columns == [name]
    assert found.fetchall() == [(text,)]


def test_frames_turn_nan_into_null(session):
    table = session.frame(pd.DataFrame({"x": [1.0, float("nan")]}))
    assert session.pandas(table.x.count().as_table()).iloc[0, 0] == 1


def test_kinds_by_type_and_by_how_strings_read(session):
    words = [f"number {row} of many short notes" for row in range(6)]
    frame = pd.DataFrame(
        {
            "_row": range(6),
            "number": [1.5] * 6,
            "flag": [True] * 6,
            "day": pd.date_range("2026-01-01", periods=6),
            "note": words,
            "said": words[:2] * 3,
            "name": [f"name {row}" for row in range(6)],
            "empty": pd.Series([None] * 6, dtype="str"),
            "code": range(6),
        }
    )
    kinds = infer_kinds(
        session, session.frame(frame), Columns.read({"kinds": {"category": ["code"]}})
    )
    assert kinds == {
        "number": "number",
        "flag": "boolean",
        "day": "date",
        "note": "text",
        "said": "category",
        "name": "category",
        "empty": "category",
        "code": "category",
    }


def test_types_have_the_words_of_the_spec(session, tmp_path):
    query = """SELECT 1::BIGINT AS a, 1.5::DOUBLE AS b, 'x' AS c, true AS d, DATE '2026-01-01' AS e,
        TIMESTAMP '2026-01-01' AS f, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS g,
        1.5::DECIMAL(6,2) AS h"""
    session.copy(query, tmp_path / "a.parquet")
    schema = session.read(tmp_path / "a.parquet").schema()
    words = [type_word(dtype) for dtype in schema.types]
    assert words == [
        "integer",
        "number",
        "string",
        "boolean",
        "date",
        "timestamp",
        "timestamp_utc",
        "decimal(6,2)",
    ]
