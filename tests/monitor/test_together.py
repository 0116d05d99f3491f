"""A shift that no month proves, from tables to the report: in one window, and month by month."""

import json

import pytest

from mlpipe.monitor.alerts.measures import verdicts
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.record import check, records
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import Columns
from mlpipe.table.profile import profile
from tests.monitor.test_stage import COLUMNS, KINDS, rows, said

MONTHS = ("2026-01", "2026-02", "2026-03")


@pytest.fixture
def reference(session):
    frame = rows(24_000)
    found = profile(session.frame(frame), COLUMNS, KINDS, session, every="month")
    predicted = said(frame).assign(day=frame["day"])
    kinds, times = {"prediction": "category", "score": "number"}, Columns.read({"time": "day"})
    found["predictions"] = profile(session.frame(predicted), times, kinds, session, every="month")
    return found


@pytest.fixture
def seen(session, reference):
    def seen(frame):
        current = Current(session.frame(frame), COLUMNS, session.frame(said(frame)))
        return observe(Monitor(), Model("binary", reference), current, session)

    return seen


def row(report, column="x"):
    (found,) = [each for each in report["drift"] if each["column"] == column]
    return found


def test_months_together_tell_what_the_latest_does_not(seen, reference):
    frame = rows(3000, 3, shift=0.2, start="2026-01-01", months=3)
    observed = seen(frame)
    assert row(judge(observed))["status"] == "ok"  # the control: each month alone
    report = judge(observed, (), reference)
    whole = row(report)
    assert (whole["status"], whole["since"]) == ("warn", "2026-01")
    assert whole["statuses"] == ["warn", "ok", "ok"]
    assert whole["pooled"] == {"chunks": 3, "rows": 2961, "first": "2026-01", "last": "2026-03"}
    assert whole["words"].endswith(", over the last 3 chunks together")
    assert row(report, "score")["pooled"] == whole["pooled"]
    assert {row(report, name)["status"] for name in ("z", "s")} == {"ok"}
    (told,) = [each for each in verdicts(report) if each.what == "drift.x"]
    assert (told.words, told.since) == (f"x: {whole['words']}", "2026-01")
    json.dumps(report, allow_nan=False)
    assert "counts" not in {key for chunk in report["chunks"] for key in chunk}
    assert "counts" not in {key for chunk in report["timeline"]["chunks"] for key in chunk}
    _month_by_month(seen, reference, frame, report)


def _month_by_month(seen, reference, frame, report):
    kept = []
    for month in MONTHS:
        part = frame[frame["day"].dt.strftime("%Y-%m") == month].reset_index(drop=True)
        observed = seen(part.assign(_row=range(len(part))))
        last = judge(observed, kept, reference)
        kept += json.loads(json.dumps(records(observed)))
    list(map(check, kept))
    for column in ("x", "score"):
        beside = ("statuses", "effects")
        one, other = ({**row(each, column), **dict.fromkeys(beside)} for each in (report, last))
        assert one == other
    before = [{key: each[key] for key in each if key != "counts"} for each in kept[:2]]
    assert row(judge(observed, before, reference))["status"] == "ok"  # an older mlpipe wrote those


def test_short_months_are_judged_once_they_have_the_rows(seen, reference):
    """Three files of 100 rows, a month each: none is long enough, and together they are."""
    kept, told = [], []
    for at, month in enumerate(MONTHS):
        part = rows(100, at, shift=0.9, start=f"{month}-01", months=0.9)
        observed = seen(part)
        assert judge(observed, kept)["status"] == "insufficient"
        report = judge(observed, kept, reference)
        told.append((report["status"], row(report)["status"], row(report)["since"]))
        kept += records(observed)
    assert told == [
        ("insufficient", "insufficient", None),
        ("alert", "alert", "2026-01"),
        ("alert", "alert", "2026-01"),
    ]
