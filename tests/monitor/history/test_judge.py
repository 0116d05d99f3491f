"""What many nights decide together: two of the last three, whoever brings them, and since when."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpipe.monitor.history.before import changes
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.record import records
from tests.monitor.history.windows import chunk, recorded, window

DAYS = [f"2026-06-{day:02d}" for day in range(1, 13)]
STATUSES = st.sampled_from(["ok", "warn", "alert", "insufficient"])


def nights(statuses, **more):
    """Judge one chunk a night; return the report of the last night."""
    stored, report = {}, {}
    for day, status in zip(DAYS, statuses, strict=False):
        seen = window(chunk(day, status), **more)
        report = judge(seen, list(stored.values()))
        stored |= {each["period"]: each for each in recorded(chunk(day, status), **more)}
    return report


@pytest.mark.parametrize(
    ("statuses", "status", "since"),
    [
        (["ok", "ok", "alert"], "warn", "2026-06-03"),
        (["ok", "alert", "alert"], "alert", "2026-06-02"),
        (["alert", "ok", "alert"], "alert", "2026-06-03"),
        (["warn", "alert", "alert", "alert"], "alert", "2026-06-01"),
        (["ok", "alert", "alert", "ok"], "alert", "2026-06-02"),
        (["ok", "alert", "insufficient", "alert"], "alert", "2026-06-02"),
        (["alert", "alert", "ok", "ok"], "ok", None),
        (["ok", "ok", "ok"], "ok", None),
    ],
)
def test_two_of_the_last_three_nights_decide_and_the_run_has_a_start(statuses, status, since):
    report = nights(statuses)
    (row,) = report["drift"]
    assert (row["status"], row["since"], report["status"]) == (status, since, status)
    assert not any("no persistence" in note for note in report["notes"])


def test_without_the_past_the_same_night_decides_alone():
    """The negative control: the last night of three, forgotten by a broken history."""
    alone = judge(window(chunk("2026-06-03", "alert")))
    assert alone["status"] == "alert"
    assert nights(["ok", "ok", "alert"])["status"] == "warn"


@pytest.mark.parametrize(
    ("statuses", "said"),
    [(["ok"], True), (["ok", "ok"], True), (["ok"] * 3, False),
     (["ok", "insufficient", "ok"], True), (["insufficient"] * 4, False)],
)  # fmt: skip
def test_no_persistence_is_said_where_fewer_than_three_chunks_were_judged(statuses, said):
    notes = nights(statuses)["notes"]
    assert any(note.startswith("no persistence") for note in notes) is said


def test_quality_is_decided_over_nights_too():
    stored = recorded(chunk(DAYS[0]), quality=["ok"])
    stored += recorded(chunk(DAYS[1]), quality=["alert"])
    report = judge(window(chunk(DAYS[2]), quality=["alert"]), stored)
    assert (report["quality"]["status"], report["quality"]["since"]) == ("alert", DAYS[1])
    lone = judge(
        window(chunk(DAYS[2]), quality=["alert"]),
        [*stored[:1], *recorded(chunk(DAYS[1]), quality=["ok"])],
    )
    assert lone["quality"]["status"] == "warn"
    assert lone["quality"]["notes"] == ["an alert of one chunk only"]


def test_a_night_with_few_rows_is_insufficient_whatever_was_before():
    stored = recorded(chunk(DAYS[0], "alert"), chunk(DAYS[1], "alert"))
    report = judge(window(chunk(DAYS[2], "insufficient", rows=10)), stored)
    assert report["status"] == "insufficient"
    assert (report["drift"][0]["status"], report["drift"][0]["since"]) == ("alert", DAYS[0])


def test_the_log_alerts_even_where_rows_are_few():
    log = {"status": "alert", "chunks": [], "notes": [],
           "measures": [{"measure": "silence_s", "status": "alert", "words": "quiet"}]}  # fmt: skip
    assert judge(window(chunk(DAYS[0], "insufficient", rows=10), log=log))["status"] == "alert"


def test_an_estimate_is_not_trusted_after_a_night_whose_truth_contradicted_it():
    def estimated(day, alone, off):
        row = {"chunk": day, "rows": 500, "value": 0.8, "low": 0.7, "high": 0.9, "off": off,
               "realised": None, "alone": alone, "status": alone}  # fmt: skip
        one = {"key": "estimate.f1", "name": "f1", "kind": "metric", "unit": "",
               "greater_is_better": True, "notes": [],
               "reference": None, "margin": 0.0, "status": alone, "chunks": [row]}  # fmt: skip
        part = {"status": alone, "quantities": [one], "notes": []}
        return window(chunk(day), estimate=part)

    wrong, fine = estimated(DAYS[0], "warn", 8.0), estimated(DAYS[0], "insufficient", 0.3)
    tonight = estimated(DAYS[1], "warn", None)
    assert judge(tonight, records(fine))["estimate"]["status"] == "warn"
    told = judge(estimated(DAYS[1], "ok", None), records(wrong))["estimate"]["quantities"][0]
    assert (told["status"], told["since"]) == ("warn", DAYS[0])  # of the night before: not ok


def test_the_timeline_tells_the_chunks_in_order_and_which_are_new():
    stored = recorded(chunk(DAYS[1]), chunk(DAYS[0], "alert"))
    report = judge(window(chunk(DAYS[2], "alert"), quality=["ok"]), stored)
    told = report["timeline"]
    assert [(each["chunk"], each["new"]) for each in told["chunks"]] == [
        (DAYS[0], False), (DAYS[1], False), (DAYS[2], True),
    ]  # fmt: skip
    assert told["measures"]["drift.x"] == {
        "group": "drift", "unit": "w", "reference": None, "limit": 0.2,
        "greater_is_better": False, "status": "alert", "since": DAYS[2],
    }  # fmt: skip
    assert told["measures"]["quality.f1"]["limit"] == pytest.approx(0.81)
    assert told["chunks"][0]["measures"]["drift.x"]["value"] == 0.5
    assert report["history"] == {"chunks": 3, "new": 1, "since": DAYS[0]}
    json.dumps(report, allow_nan=False)


def test_at_most_sixty_chunks_are_told():
    stored = [
        each for month in range(1, 13) for day in range(1, 11)
        for each in recorded(chunk(f"2025-{month:02d}-{day:02d}"))
    ]  # fmt: skip
    report = judge(window(chunk("2026-01-01")), stored)
    assert len(report["timeline"]["chunks"]) == 60
    assert report["timeline"]["chunks"][-1]["new"]


@st.composite
def histories(draw):
    """Return the final state of the days, and nights that brought it in some order.

    A night covers some days in a row. What it saw may be stale, if a later night brings it again.
    """
    count = draw(st.integers(3, 8))
    truth = [draw(STATUSES) for _ in range(count)]
    spans = st.tuples(st.integers(0, count - 1), st.integers(1, 3), st.booleans())
    early = draw(st.lists(spans, max_size=10))
    order = draw(st.permutations(range(count)))
    return truth, early, order


@settings(max_examples=150, deadline=None)
@given(histories())
def test_any_order_of_nights_with_corrections_ends_as_one_run_over_everything(history):
    truth, early, order = history
    stored = {}

    def night(first, length, *, stale=False):
        days = range(first, min(first + length, len(truth)))
        chunks = [chunk(DAYS[day], "alert" if stale else truth[day]) for day in days]
        seen = window(*chunks)
        report = judge(seen, list(stored.values()))
        written, gone = changes(stored, recorded(*chunks))
        for name in gone:
            del stored[name]
        stored.update({each["period"]: each for each in written})
        return report

    for first, length, stale in early:
        night(first, length, stale=stale)
    for day in order:
        night(day, 1)
    assert sorted(stored) == DAYS[: len(truth)]  # replaced, never doubled
    last = night(len(truth) - 1, 1)
    whole = judge(window(*(chunk(DAYS[at], status) for at, status in enumerate(truth))))
    for key in ("status", "since"):
        assert last["drift"][0][key] == whole["drift"][0][key]
    assert last["timeline"]["measures"] == whole["timeline"]["measures"]
    without = [{k: v for k, v in each.items() if k != "new"} for each in last["timeline"]["chunks"]]
    assert without == [
        {k: v for k, v in each.items() if k != "new"} for each in whole["timeline"]["chunks"]
    ]
    assert night(len(truth) - 1, 1) == last  # a night that is run again has nothing new to say


@given(st.lists(STATUSES, min_size=2, max_size=8), st.integers(0, 6))
def test_what_comes_later_never_changes_what_a_night_said(statuses, at):
    at = min(at, len(statuses) - 2)
    rows = [recorded(chunk(DAYS[day], status))[0] for day, status in enumerate(statuses)]
    seen = window(chunk(DAYS[at], statuses[at]))
    assert judge(seen, rows) == judge(seen, rows[:at])
