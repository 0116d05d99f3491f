import json

import pyarrow.parquet as pq
import pytest

from mlpipe.errors import DataError
from mlpipe.monitor.log.rows import logged


def line(at, features=None, scores=None, **given):
    told = {
        "log_version": 1, "id": str(at), "time": f"2026-06-01T00:{at:02d}:00Z",
        "model": {"name": "m", "version": "3", "digest": "ab"}, "rows": 1, "latency_ms": 1.0,
        "status": "ok", "code": 200, "process": "p", "features": features, "scores": scores,
    }  # fmt: skip
    return json.dumps({**told, **given})


@pytest.fixture
def of(session, tmp_path):
    def read(*lines, time="at", **given):
        (tmp_path / "log").mkdir(exist_ok=True)
        (tmp_path / "log/a.jsonl").write_text("\n".join(lines) + "\n")
        found = logged(str(tmp_path / "log"), time, session, **given)
        return found, [json.loads(row) for row in found.rows.read_text().splitlines()]

    return read


def test_each_mapping_is_a_row_with_the_time_of_its_request(of):
    found, rows = of(
        line(1, [{"x": 1, "y": None}, {"x": 2.5, "y": "é\n"}], [0.25, None]), line(2, [{"x": 3}])
    )
    first = "2026-06-01 00:01:00.000000"
    assert rows == [
        {"at": first, "x": 1, "y": None},
        {"at": first, "x": 2.5, "y": "é\n"},
        {"at": "2026-06-01 00:02:00.000000", "x": 3},
    ]
    assert found.names == ("at", "x", "y")
    assert found.requests == 2
    places = pq.read_table(found.places).to_pylist()
    assert [(each["line"], each["log_line"], each["score"]) for each in places] == [
        (1, 1, "0.25"), (2, 1, "null"), (3, 2, None),
    ]  # fmt: skip
    assert {(each["model"], each["digest"]) for each in places} == {("m 3", "ab")}


def test_a_time_that_the_caller_sends_stays(of):
    _, rows = of(line(1, [{"at": "2026-05-01", "x": 1}, {"at": None}, {}]))
    assert [row["at"] for row in rows] == ["2026-05-01", None, "2026-06-01 00:01:00.000000"]
    assert of(line(1, [{"x": 1}]), daily=True)[1] == [{"at": "2026-06-01", "x": 1}]
    assert of(line(1, [{"x": 1}]), time=None)[1] == [{"x": 1}]


def test_a_column_of_time_may_be_called_anything(of):
    name = 'a/b~"c}'
    _, rows = of(line(1, [{"x": 1}, {name: "2026-05-01"}, {}]), time=name)
    assert [row[name][:10] for row in rows] == ["2026-06-01", "2026-05-01", "2026-06-01"]


def test_requests_that_failed_or_came_twice_or_are_bare_are_left_out_and_counted(of):
    found, rows = of(
        line(1, [{"x": 1}]), line(1, [{"x": 9}]), line(2, [{"x": 2}], status="error"), line(3),
        line(4, [{"x": 4}], status="timeout"), "{}",
    )  # fmt: skip
    assert [row["x"] for row in rows] == [1]
    assert (found.failed, found.bare, found.rejected) == (2, 1, 1)
    assert found.warnings() == [
        "2 requests failed; their rows are left out",
        "1 requests were logged without features; their rows are not known",
        "1 lines of the log are no entries",
    ]


def test_a_log_without_features_is_refused(of):
    with pytest.raises(DataError, match="no request of the log carries features"):
        of(line(1), line(2, [{"x": 1}], status="error"))
