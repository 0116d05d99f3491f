from datetime import UTC, datetime

import pandas as pd
import pytest

from mlpipe.checks.run import run
from mlpipe.monitor.data.future import future, late_rows, until
from mlpipe.table.columns import Columns

COLUMNS = Columns.read({"key": "id", "time": "at", "sensitive": ["sex"]})


def table(session, *times):
    frame = pd.DataFrame({"_row": range(len(times)), "id": [f"k{n}" for n in range(len(times))]})
    return session.frame(frame.assign(at=list(times), sex="f"))


@pytest.mark.parametrize(
    ("as_of", "late"),
    [
        ("2026-06-30", [3]),  # the whole day is past
        ("2026-06-30T12:00:00", [2, 3]),
        ("2026-07-01", []),
        ("2026-06-29", [1, 2, 3]),
    ],
)
def test_what_lies_after_the_day_is_late(session, as_of, late):
    at = ["2026-06-29 23:59:59", "2026-06-30 12:00:00", "2026-06-30 23:59:59", "2026-07-01"]
    rows = table(session, *pd.to_datetime(at, format="mixed"), pd.NaT)
    asked = future(rows, COLUMNS, as_of)
    (found,), _ = run([asked], COLUMNS, rows, session)
    assert (found["failing"], [each["row"] for each in found["examples"]]) == (len(late), late)
    assert found["status"] == ("warned" if late else "passed")
    kept = session.pandas(until(rows, COLUMNS, as_of, session))["_row"]
    assert sorted(kept) == [n for n in range(5) if n not in late], "a row without a time stays"


def test_zoned_times_are_compared_in_utc(session):
    at = [datetime(2026, 6, 30, 23, 59, tzinfo=UTC), datetime(2026, 7, 1, 0, 0, tzinfo=UTC)]
    rows = table(session, *pd.to_datetime(at).tz_convert("Asia/Tokyo"))
    assert list(session.pandas(until(rows, COLUMNS, "2026-06-30", session))["_row"]) == [0]


def test_a_text_or_no_time_is_never_late(session):
    rows = table(session, "2099-01-01")
    assert future(rows, COLUMNS, "2026-06-30") is None
    assert future(rows, Columns.read({"key": "id"}), "2026-06-30") is None
    assert until(rows, COLUMNS, "2026-06-30", session) is rows


def test_quarantine_names_the_key_and_no_sensitive_value(session):
    columns = Columns.read({"key": ["id", "sex"], "time": "at", "sensitive": ["sex"]})
    rows = table(session, *pd.to_datetime(["2026-06-01", "2027-01-01"]))
    places = "SELECT 0::BIGINT AS row, 'now.csv' AS file, 2::BIGINT AS line"
    for where, place in ((places, ("now.csv", 3)), ("", (None, None))):
        found = session.con.to_pyarrow(late_rows(rows, columns, "2026-06-30", where, session))
        assert found.to_pylist() == [
            {
                "source": "current",
                "file": place[0],
                "line": place[1],
                "column": "at",
                "reason": "lies after 2026-06-30",
                "raw": '{"id":"k1","at":"2027-01-01 00:00:00"}',
            }
        ]
