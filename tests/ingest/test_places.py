"""Where a row stands in the user's file, whatever lies between the rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.ingest.places import breaks_without, joined
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session


def lines(session: Session, outputs) -> list[int]:
    """Return the line of each row, by the table of breaks."""
    path = session.path("places")
    session.write(outputs["places"], path)
    count = session.pandas(session.with_positions(outputs["table"]))
    rows = f"SELECT unnest(range({len(count)})) AS row"
    found = session.raw.execute(f"SELECT line FROM ({joined(path, rows)}) ORDER BY row").fetchall()
    return [line for (line,) in found]


FIELD = st.sampled_from(["a", "b c", '"x, y"', '"two\nlines"', '"a\r\nb"', '"1""2"'])
RECORD = st.one_of(
    st.tuples(st.just("good"), FIELD),
    st.tuples(st.just("blank"), st.just("")),
    st.tuples(st.just("short"), st.just("")),
    st.tuples(st.just("typed"), FIELD),
)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records=st.lists(RECORD, min_size=1, max_size=30), end=st.sampled_from(["\n", "\r\n"]))
def test_every_row_is_found_on_its_line(tmp_path, session, records, end):
    """The first record is good, so that a type can be told."""
    text, line, expected = f"id,note{end}0,first{end}", 3, [2]
    for number, (kind, field) in enumerate(records, 1):
        written = {"good": f"{number},{field}", "typed": f"x{number},{field}", "short": f"{number}"}
        body = written.get(kind, "") + end
        text += body
        if kind == "good":
            expected.append(line)
        line += body.count("\n")
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    spec = {"path": str(path), "types": {"id": "integer"}, "max_bad_rows": 0.99}
    outputs = ingest(Ingest.read(spec), Columns.read({}), {}, session)
    assert lines(session, outputs) == expected


def test_breaks_of_rows_with_gaps():
    assert breaks_without(2, [], 3) == [(0, 2)]
    assert breaks_without(1, [1, 2, 5], 3) == [(0, 3), (2, 6)]
    assert breaks_without(2, [4], 2) == [(0, 2)]


def test_rows_of_parquet_files_are_counted_from_one(tmp_path, session):
    for name in ("b", "a"):
        pq.write_table(pa.table({"x": [1.0, 2.0]}), tmp_path / f"{name}.parquet")
    spec = {"path": str(tmp_path / "*.parquet")}
    outputs = ingest(Ingest.read(spec), Columns.read({}), {}, session)
    assert lines(session, outputs) == [1, 2, 1, 2]
    assert session.pandas(outputs["places"])["file"].tolist() == ["a.parquet", "b.parquet"]


def test_a_join_leaves_no_places(tmp_path, session, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("id\n1\n2\n")
    spec = {"sources": {"t": {"path": "data.csv"}}, "sql": "select * from t order by id desc"}
    assert "places" not in ingest(Ingest.read(spec), Columns.read({}), {}, session)


def test_places_follow_what_is_left(tmp_path, session, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("id,x\n1,a\n1,a\n2,b\n3,c\n2,b\n")
    spec = {"path": "data.csv", "dedupe": {"by": ["id"], "keep": "last"}, "limit": 2}
    outputs = ingest(Ingest.read(spec), Columns.read({}), {}, session)
    assert session.pandas(outputs["table"])["id"].tolist() == [1, 3]
    assert lines(session, outputs) == [3, 5]
