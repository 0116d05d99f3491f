import numpy as np
import pandas as pd
import pytest
from mlpipe.monitor.labels import joined

from mlpipe.errors import DataError
from mlpipe.monitor.chunks import Chunk
from mlpipe.monitor.window import CHUNK, Window
from mlpipe.table.columns import ROW, Columns

COLUMNS = Columns.read({"key": "id", "time": "day", "target": "y"})


def chunk(label, *periods):
    return Chunk(label, periods, 0, {})


@pytest.fixture
def window(session):
    days = pd.date_range("2026-01-30", periods=6, freq="D").to_series(index=range(6))
    days[5] = pd.NaT
    frame = pd.DataFrame({ROW: np.arange(6), "id": list("abcdef"), "day": days})
    return Window(session.frame(frame), COLUMNS, session, "month", None)


def said(session, **more):
    frame = pd.DataFrame({ROW: [5, 4, 3, 2, 1, 0], "prediction": list("uvwxyz"), **more})
    return session.frame(frame)


def rows(session, table):
    frame = session.compact(table).sort_values(ROW)
    return list(frame[[ROW, "prediction", CHUNK]].astype(str).itertuples(index=False, name=None))


def test_what_was_said_is_cut_as_the_window_is_and_the_rest_left_out(window, session):
    chunks = [chunk("2026-02", "2026-02-01")]
    expected = [(str(at), "zyxwv"[at], "2026-02") for at in (2, 3, 4)]
    assert rows(session, window.cut(said(session), chunks)) == expected
    beside = {"day": pd.date_range("2026-01-30", periods=6)[::-1]}
    table = window.cut(said(session, **beside), [*chunks, chunk("January", "2026-01-01")])
    found = [label for *_, label in rows(session, table)]
    assert found == ["January", "January", "2026-02", "2026-02", "2026-02", "2026-02"]
    assert "day" not in table.columns


def test_a_window_that_nothing_cuts_is_one_chunk_and_an_empty_one_none(session):
    frame = pd.DataFrame({ROW: np.arange(6), "id": list("abcdef")})
    window = Window(session.frame(frame), Columns(), session, "file", None)
    table = window.cut(said(session), [chunk("all rows")])
    assert {label for *_, label in rows(session, table)} == {"all rows"}
    assert rows(session, window.cut(said(session), [])) == []


def test_labels_are_matched_by_key_and_what_is_odd_is_said(session):
    table = session.frame(pd.DataFrame({ROW: [0, 1, 2, 3], "id": [10, 11, 12, 13]}))
    labels = pd.DataFrame(
        {
            "id": [10, 10, 11, 11, 12, 12, 99, None, 13],
            "y": ["a", "a", "a", "b", None, "c", "a", "a", None],
        }
    )
    found, notes = joined(session.frame(labels), table, ["id"], "y", session)
    assert sorted(session.raw.execute(session.con.compile(found)).fetchall()) == [
        (0, "a"), (2, "c"),
    ]  # fmt: skip
    assert notes == [
        "1 labels are there twice; each counts once",
        "2 labels contradict another of the same key; left out",
        "2 labels belong to no row of the window",
    ]


def test_keys_of_other_types_are_refused_by_name(session):
    table = session.frame(pd.DataFrame({ROW: [0], "id": ["10"]}))
    labels = session.frame(pd.DataFrame({"id": [10], "y": ["a"]}))
    with pytest.raises(DataError, match="id is int64 in the labels and string in the current"):
        joined(labels, table, ["id"], "y", session)
