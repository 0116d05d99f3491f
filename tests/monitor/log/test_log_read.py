import gzip
import json
import multiprocessing
import os
import signal
import time as clock
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError, StoreError
from mlpipe.monitor.log.entry import STATUSES, Answered, Entry
from mlpipe.monitor.log.files import files, stream
from mlpipe.monitor.log.read import read
from mlpipe.monitor.log.write import Writer, file_name
from mlpipe.table.session import Session

START = datetime(2026, 11, 26, 8, tzinfo=UTC)
MODEL = Answered(name="churn", version="3", digest="ab12")


def entry(at=0, **rest):
    said = {
        "id": f"r{at}", "time": START + timedelta(seconds=at), "model": MODEL, "rows": 1,
        "latency_ms": 4.5, "status": "ok", "code": 200, "process": "p1", **rest,
    }  # fmt: skip
    return Entry(**said)


def lines(path, *texts, end="\n"):
    path.write_text("\n".join(texts) + end, encoding="utf-8")


def test_a_line_says_what_was_written_and_times_end_with_z():
    said = json.loads(entry(features=({"tenure": 3},), scores=(0.25,)).line())
    assert said["time"] == "2026-11-26T08:00:00Z"
    assert said["log_version"] == 1
    assert said["features"] == [{"tenure": 3}]
    assert "memory_mb" not in said


def test_a_time_that_is_not_utc_is_refused():
    with pytest.raises(ValueError, match="UTC"):
        entry(time=datetime.fromisoformat("2026-11-26T08:00:00+02:00"))


entries = st.builds(
    entry,
    at=st.integers(0, 10**6),
    rows=st.integers(0, 2**40),
    latency_ms=st.floats(0, 1e9, allow_nan=False),
    status=st.sampled_from(STATUSES),
    code=st.integers(100, 599),
    process=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8),
    memory_mb=st.none() | st.floats(0, 1e6),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(entries, min_size=1, max_size=12, unique_by=lambda each: each.id))
def test_what_is_written_is_read(session, tmp_path_factory, written):
    folder = tmp_path_factory.mktemp("log")
    with Writer(folder, "w", max_bytes=400) as writer:
        for each in written:
            writer.append(each)
    log = read(str(folder), session)
    found = session.raw.execute(
        f"SELECT time, rows, latency_ms, status, code, process, memory_mb FROM {log.table}"
    ).fetchall()
    told = [
        (
            e.time.replace(tzinfo=None),
            e.rows,
            e.latency_ms,
            e.status,
            e.code,
            e.process,
            e.memory_mb,
        )
        for e in written
    ]
    assert sorted(map(repr, found)) == sorted(map(repr, told))
    assert (log.rejected, log.duplicates, log.torn) == (0, 0, [])


def test_files_are_read_in_order_of_their_parts(tmp_path):
    for name in ("a.jsonl.10", "a.jsonl.2.gz", "a.jsonl", "b.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    names = [path.name for path in files(str(tmp_path))]
    assert names == ["a.jsonl", "a.jsonl.2.gz", "a.jsonl.10", "b.jsonl"]


def test_no_log_is_said(tmp_path, session):
    with pytest.raises(DataError, match="no prediction log"):
        read(str(tmp_path), session)


def test_packed_files_are_read_and_a_request_counts_once(tmp_path, session):
    with gzip.open(tmp_path / "a.jsonl.1.gz", "wt") as file:
        file.write(entry(0, rows=5).line() + "\n" + entry(1).line() + "\n")
    lines(tmp_path / "a.jsonl", entry(0, rows=7).line())
    log = read(str(tmp_path), session)
    assert (log.requests, log.duplicates) == (2, 1)
    assert session.raw.execute(f"SELECT sum(rows) FROM {log.table}").fetchone() == (8,)


def test_ids_are_compared_part_by_part_with_the_same_answer(tmp_path, monkeypatch):
    """Memory must not follow the log: only some of the ids are looked at, at once."""
    ids = [at * 7 % 40 for at in range(100)]
    monkeypatch.setattr("mlpipe.monitor.log.read._AT_ONCE", 9)
    lines(tmp_path / "a.jsonl", *(entry(each, rows=at).line() for at, each in enumerate(ids)))
    lines(tmp_path / "b.jsonl", *(entry(each).line() for each in range(38, 45)))
    with Session(tmp_path) as session:
        log = read(f"{tmp_path}", session)
        (total,) = session.raw.execute(f"SELECT sum(rows) FROM {log.table}").fetchone()
    assert (log.requests, log.duplicates) == (45, 62)
    assert total == sum(range(40)) + 5  # the first line of each, and five that are new


def test_the_engine_is_handed_lines_when_it_asks_for_them(tmp_path):
    """A reader of Arrow would go to its scanner, which reads ahead of the engine."""
    lines(tmp_path / "a.jsonl", entry().line(), "", "x")
    with Session(tmp_path) as session:
        session.raw.register("lines", stream(files(str(tmp_path)), []))
        found = session.raw.execute("SELECT file, line, torn FROM lines ORDER BY line").fetchall()
    assert found == [(0, 1, False), (0, 2, False), (0, 3, False)]
    assert type(stream([], [])).__name__ == "PyCapsule"


def test_a_torn_last_line_is_said_and_a_torn_line_elsewhere_is_in_quarantine(tmp_path, session):
    whole = entry(2).line()
    lines(tmp_path / "a.jsonl", entry(1).line(), whole[:30], whole, whole[:50], end="")
    log = read(str(tmp_path / "a.jsonl"), session)
    assert log.requests == 2
    assert log.torn == [f"{tmp_path}/a.jsonl:4"]
    assert log.reasons == {"not JSON": 1}
    assert list(session.pandas(log.quarantine)["place"]) == [f"{tmp_path}/a.jsonl:2"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rows": -1}, "rows"),
        ({"rows": 1.5}, "rows"),
        ({"rows": "1"}, "rows"),
        ({"latency_ms": None}, "latency_ms"),
        ({"latency_ms": -0.1}, "latency_ms"),
        ({"latency_ms": float("nan")}, "latency_ms"),  # no JSON, and written by many all the same
        ({"latency_ms": float("inf")}, "latency_ms"),
        ({"memory_mb": float("nan")}, "memory_mb"),
        ({"status": "fine"}, "status"),
        ({"code": 99}, "code"),
        ({"time": "2026-11-26T08:00:00"}, "time"),
        ({"time": "2026-11-26T08:00:00+02:00"}, "time"),
        ({"time": "2026-02-30T08:00:00Z"}, "time"),
        ({"time": "0000-01-01T00:00:00Z"}, "time"),
        ({"time": "9999-12-31T23:59:59Z"}, "time"),
        ({"id": ""}, "id"),
        ({"model": "churn"}, "model.name"),
        ({"memory_mb": "2"}, "memory_mb"),
        ({"log_version": None}, "log_version"),
        ({"time": "2026-11-27T08:00:00Z"}, "time: lies in the future"),
    ],
)
def test_a_line_that_is_wrong_is_in_quarantine_with_its_place(tmp_path, session, change, reason):
    said = json.loads(entry(1).line())
    lines(tmp_path / "a.jsonl", entry(0).line(), json.dumps({**said, **change}))
    log = read(str(tmp_path), session, as_of=datetime(2026, 11, 26, 12))
    assert (log.requests, log.rejected) == (1, 1)
    row = session.pandas(log.quarantine).iloc[0]
    assert row["place"].endswith("a.jsonl:2")
    assert row["reason"].startswith(reason)


def test_a_log_of_which_no_line_can_be_read_is_no_quiet_one(tmp_path, session):
    said = json.loads(entry(1).line())
    wrong = [{**said, "time": "yesterday"}, {**said, "latency_ms": "9"}, {**said, "time": "today"}]
    lines(tmp_path / "a.jsonl", *map(json.dumps, wrong))
    with pytest.raises(DataError) as caught:
        read(str(tmp_path), session)
    first, *reasons = caught.value.problems
    assert first.message == "none of its 3 lines is an entry of a prediction log"
    assert [(each.place.rpartition("/")[2], each.message) for each in reasons] == [
        ("a.jsonl:1", "time: expected UTC, as 2026-11-26T08:30:00Z (2 lines)"),
        ("a.jsonl:2", "latency_ms: expected a number (1 line)"),
    ]
    lines(tmp_path / "a.jsonl", entry(1).line()[:30], end="")  # its first line is being written
    assert (read(str(tmp_path), session).requests, read(str(tmp_path), session).rejected) == (0, 0)


def test_unknown_fields_are_ignored_and_an_unknown_version_is_refused(tmp_path, session):
    said = json.loads(entry(1).line())
    lines(tmp_path / "a.jsonl", json.dumps({**said, "colour": "red"}))
    assert read(str(tmp_path), session).requests == 1
    lines(tmp_path / "a.jsonl", entry(0).line(), json.dumps({**said, "log_version": 2}))
    with pytest.raises(DataError, match=r"a\.jsonl:2 monitor\.log: log_version is 2"):
        read(str(tmp_path), session)


def test_bytes_that_are_no_text_are_in_quarantine(tmp_path, session):
    good = entry(0).line().encode()
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe\n" + b"\0" * 20 + b"\n" + good + b"\n")
    log = read(str(tmp_path), session)
    assert (log.requests, log.rejected) == (1, 2)


def test_a_packed_file_that_ends_early_is_read_as_far_as_it_goes(tmp_path, session):
    packed = gzip.compress("".join(entry(n).line() + "\n" for n in range(2000)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    log = read(str(tmp_path), session)
    assert 0 < log.requests < 2000
    assert log.rejected == 0


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("a.jsonl.gz", b"no gzip at all", "a.jsonl.gz.*cannot be read: Not a gzipped file"),
        ("a.jsonl.gz", gzip.compress(b" " * (65 << 20)), "a.jsonl.gz:1.*more than 64 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_our_words(tmp_path, session, name, held, said):
    (tmp_path / name).write_bytes(held)
    with pytest.raises(DataError, match=said):
        read(str(tmp_path / name), session)


def test_a_day_and_a_full_file_begin_the_next_one(tmp_path):
    with Writer(tmp_path, "p", max_bytes=10) as writer:
        for seconds in (0, 1, 86400):
            writer.append(entry(seconds))
    day, after = date(2026, 11, 26), date(2026, 11, 27)
    names = {file_name(day, "p"), file_name(day, "p", 1), file_name(after, "p")}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "log").write_text("a file")
    with pytest.raises(StoreError, match="cannot be written"):
        Writer(tmp_path / "log", "p").append(entry())


def _write_forever(folder, process, sync):
    with Writer(folder, process, max_bytes=20_000, sync=sync) as writer:
        at = 0
        while True:
            writer.append(entry(at, id=f"{process}-{at}", process=process))
            at += 1


def test_processes_that_are_killed_while_they_write_leave_whole_lines(tmp_path, session):
    started = [
        multiprocessing.get_context("spawn").Process(
            target=_write_forever, args=(tmp_path, f"p{n}", n == 0)
        )
        for n in range(2)
    ]
    for process in started:
        process.start()
    deadline = clock.monotonic() + 60
    while len({path.name.split(".")[1] for path in tmp_path.glob("*.jsonl*")}) < 2:
        assert clock.monotonic() < deadline
        clock.sleep(0.05)
    clock.sleep(0.2)
    for process in started:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    log = read(str(tmp_path), session)
    assert log.requests > 0
    assert (log.rejected, log.duplicates) == (0, 0)
    counts = session.raw.execute(f"SELECT count(DISTINCT process) FROM {log.table}").fetchone()
    assert counts == (2,)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_threads_do_not_matter(tmp_path, threads):
    lines(tmp_path / "a.jsonl", *(entry(n % 50, rows=n).line() for n in range(500)))
    with Session(tmp_path, threads=threads) as session:
        log = read(str(tmp_path / "a.jsonl"), session)
        total = session.raw.execute(f"SELECT sum(rows) FROM {log.table}").fetchone()
    assert total == (sum(range(50)),)
