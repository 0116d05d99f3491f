from datetime import datetime, timedelta

import pytest

from mlpipe.monitor.chunks import Span, chunked, decide


def counted(**rows):
    chunks = {
        key.strip("d").replace("_", "-"): {"rows": each, "columns": {"x": {"nulls": each}}}
        for key, each in rows.items()
    }
    return {"rows": sum(rows.values()), "columns": {"x": {"nulls": 0}}, "chunks": chunks}


def spans(profile, last, daily=False):
    return {
        key: Span(datetime.fromisoformat(key), datetime.fromisoformat(last), daily)
        for key in profile["chunks"]
    }


def test_short_periods_are_joined_with_those_that_follow():
    profile = counted(d2026_01_01=150, d2026_02_01=100, d2026_03_01=300, d2026_04_01=50)
    chunks, notes = chunked(profile, "month", 200, {})
    assert [(each.label, each.rows) for each in chunks] == [
        ("2026-01 – 2026-02", 250),
        ("2026-03 – 2026-04", 350),
    ]
    assert chunks[0].columns == {"x": {"nulls": 250}}
    assert notes == ["periods of fewer than 200 rows are joined with others"]


def test_rows_of_no_period_are_said_to_be_in_no_chunk():
    profile = {**counted(d2026_01_01=300, d2026_02_01=300), "rows": 1734}
    chunks, notes = chunked(profile, "month", 200, {})
    assert [each.rows for each in chunks] == [300, 300]
    assert notes == ["1,134 rows have no time and are in no chunk"]
    assert chunked(profile, "file", 200, {})[1] == ["1,134 rows have no file and are in no chunk"]


def test_too_little_in_all_stays_one_short_chunk():
    chunks, _ = chunked(counted(d2026_01_01=50, d2026_02_01=100), "month", 200, {})
    assert [each.rows for each in chunks] == [150]


@pytest.mark.parametrize(
    ("every", "start", "last", "daily", "left_out"),
    [
        ("month", "2026-06-01", "2026-06-15T10:00", False, True),
        ("month", "2026-06-01", "2026-06-30T23:00", False, False),
        ("month", "2026-06-01", "2026-06-30", True, False),
        ("month", "2026-06-01", "2026-06-26", True, True),
        ("month", "2026-02-01", "2026-02-28", True, False),
        ("week", "2026-06-01", "2026-06-07", True, False),
        ("week", "2026-06-01", "2026-06-06", True, True),
        ("day", "2026-06-01", "2026-06-01T23:10", False, False),
        ("day", "2026-06-01", "2026-06-01T12:00", False, True),
    ],
)
def test_an_unfinished_last_period_is_left_out_and_said_so(every, start, last, daily, left_out):
    profile = counted(d2026_01_01=300)
    profile["chunks"][start] = {"rows": 300, "columns": {"x": {"nulls": 1}}}
    chunks, notes = chunked(profile, every, 200, spans(profile, last, daily))
    assert len(chunks) == (1 if left_out else 2)
    assert any("unfinished and left out (300 rows)" in note for note in notes) is left_out


def test_timestamps_that_name_their_period_are_finished():
    profile = counted(d2026_05_01=300, d2026_06_01=300)
    chunks, notes = chunked(profile, "month", 200, spans(profile, "2026-06-01", daily=True))
    assert (len(chunks), notes) == (2, [])


def test_the_moment_the_data_was_taken_decides_where_it_is_known():
    profile = counted(d2026_05_01=300, d2026_06_01=300)
    when = spans(profile, "2026-06-30T23:59")
    end = datetime(2026, 7, 1)
    for as_of, chunks in ((end, 2), (end - timedelta(seconds=1), 1)):
        assert len(chunked(profile, "month", 200, when, as_of)[0]) == chunks


def test_an_unfinished_period_is_judged_if_it_is_all_there_is():
    profile = counted(d2026_06_01=300)
    chunks, notes = chunked(profile, "month", 200, spans(profile, "2026-06-10T01:00"))
    assert len(chunks) == 1
    assert "all there is" in notes[0]


def test_files_are_never_unfinished():
    profile = counted(**{"b.csv": 300, "a.csv": 300})
    chunks, notes = chunked(profile, "file", 200, {})
    assert ([each.label for each in chunks], notes) == (["a.csv", "b.csv"], [])


def test_without_periods_all_rows_are_one_chunk():
    profile = {"rows": 300, "columns": {}, "chunks": {}}
    assert [each.label for each in chunked(profile, "month", 200, {})[0]] == ["all rows"]
    assert chunked({**profile, "rows": 0}, "month", 200, {})[0] == []


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], "insufficient"),
        (["insufficient"], "insufficient"),
        (["alert"], "alert"),
        (["alert", "ok"], "ok"),
        (["ok", "ok", "alert"], "warn"),
        (["alert", "ok", "alert"], "alert"),
        (["alert", "alert", "ok"], "alert"),
        (["alert", "alert", "ok", "ok"], "ok"),
        (["alert", "ok", "ok"], "ok"),
        (["ok", "ok", "warn"], "warn"),
        (["warn", "alert", "ok"], "warn"),
        (["alert", "insufficient", "alert", "ok"], "alert"),
    ],
)
def test_two_of_the_last_three_make_an_alert(statuses, status):
    assert decide(statuses)[0] == status


def test_the_lack_of_persistence_is_said():
    assert "no persistence" in decide(["alert", "ok"])[1]
    assert decide(["ok"] * 3)[1] == ""


def test_rows_are_chunks_and_an_incomplete_last_one_is_left_out_and_said():
    profile = counted(**{"000000000": 500, "000000001": 500, "000000002": 120})
    first = datetime(2026, 6, 1)
    when = {key: Span(first + at * timedelta(hours=6), first, False)
            for at, key in enumerate(profile["chunks"])}  # fmt: skip
    chunks, notes = chunked(profile, "rows", 200, when, rows=500)
    assert [(each.label, each.rows) for each in chunks] == [
        ("2026-06-01", 500), ("2026-06-01 06:00:00", 500),
    ]  # fmt: skip
    assert notes == ["the last chunk is unfinished and left out (120 rows)"]
    alone, notes = chunked(counted(**{"000000000": 120}), "rows", 200, {}, rows=500)
    assert ([each.rows for each in alone], "all there is" in notes[0]) == ([120], True)


def test_chunks_that_begin_together_keep_their_order():
    profile = counted(**{"000000000": 500, "000000001": 500})
    chunks, _ = chunked(profile, "rows", 200, {}, datetime(2026, 6, 1), 500)
    assert [each.label for each in chunks] == ["2026-06-01", "2026-06-01 (2)"]
    assert [each.period for each in chunks] == ["2026-06-01 000000", "2026-06-01 000001"]


def test_each_chunk_has_its_place_in_time():
    calendar, _ = chunked(counted(d2026_01_01=150, d2026_02_01=100), "month", 200, {})
    assert [(each.period, each.until) for each in calendar] == [("2026-01-01", "2026-02-01")]
    files = counted(**{"b.csv": 300, "a.csv": 300})
    day = datetime(2026, 6, 2)
    assert [each.period for each in chunked(files, "file", 200, {}, day)[0]] == [
        "2026-06-02 a.csv", "2026-06-02 b.csv",
    ]  # fmt: skip
    when = {"a.csv": Span(datetime(2026, 6, 1, 9), day, False)}
    assert [each.period for each in chunked(files, "file", 200, when, day)[0]] == [
        "2026-06-01T09:00:00 a.csv", "2026-06-02 b.csv",
    ]  # fmt: skip
    whole = {"rows": 300, "columns": {}, "chunks": {}}
    found = [chunked(whole, "all", 200, spans_, as_of)[0][0] for spans_, as_of in
             (({"": Span(day, day, True)}, None), ({}, day), ({}, None))]  # fmt: skip
    assert [(each.period, each.label) for each in found] == [
        ("2026-06-02T00:00:00", "2026-06-02"), ("2026-06-02", "2026-06-02"), (None, "all rows"),
    ]  # fmt: skip
