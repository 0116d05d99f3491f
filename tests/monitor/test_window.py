import numpy as np
import pandas as pd
import pytest

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


def test_the_targets_are_those_that_have_come(session):
    frame = pd.DataFrame({ROW: [0, 1, 2], "id": ["a", "b", "c"], "y": ["yes", None, "no"]})
    window = Window(session.frame(frame), COLUMNS, session, "all", None)
    assert window.targets().to_dict() == {0: "yes", 2: "no"}


def test_without_the_target_there_is_none(window):
    assert window.targets().empty
