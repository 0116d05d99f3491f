"""A record is a pure function of its chunk, and nothing else passes for one."""

import copy

import pytest

from mlpipe.errors import StoreError
from mlpipe.monitor.history.counted import packed
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.record import check, records
from mlpipe.monitor.names import column_measure
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import unobserved
from tests.monitor.history.windows import chunk, recorded, window


def logged(label, value):
    ends = {"value": value, "low": value - 1, "high": value + 1}
    return {"chunk": label, "period": label, "requests": 900,
            "latency": {"p95_ms": ends}, "memory_mb": 80.0,
            "errors": {"value": 0.0, "low": 0.0, "high": 0.01}}  # fmt: skip


def test_a_record_does_not_depend_on_the_window_around_it():
    days = [
        chunk(f"2026-06-0{day}", status) for day, status in ((1, "alert"), (2, "ok"), (3, "ok"))
    ]
    together = recorded(*days, quality=["ok", "warn", "ok"])
    alone = [
        recorded(day, quality=[q])[0] for day, q in zip(days, ["ok", "warn", "ok"], strict=True)
    ]
    assert together == alone


def test_of_a_window_of_many_chunks_the_last_ones_are_kept():
    days = [f"{year}-{month:02d}-01" for year in range(2010, 2020) for month in range(1, 13)]
    kept = recorded(*map(chunk, days), every="month")
    assert [each["period"] for each in kept] == days[-60:]


def test_a_chunk_without_a_place_in_time_is_not_recorded():
    assert records(window({**chunk("x"), "period": None})) == []


def test_what_the_log_says_is_measured_where_its_chunks_are_those_of_the_window():
    measures = [
        {"measure": "latency_p95_ms", "limit": 50, "statuses": ["ok", "alert"], "status": "alert"},
        {"measure": "error_rate", "limit": None, "statuses": ["ok", "ok"], "status": "ok"},
        {"measure": "memory_mb", "limit": None, "statuses": ["ok", "ok"], "status": "ok"},
        {"measure": "silence_s", "status": "ok", "value": 1.0},
    ]
    days = ["2026-06-01", "2026-06-02"]
    log = {"chunks": [logged(days[0], 20.0), logged(days[1], 70.0)], "measures": measures}
    found = records(window(*map(chunk, days), log=log))[1]["measures"]
    assert found["served.latency_p95_ms"] == {
        "group": "served", "value": 70.0, "low": 69.0, "high": 71.0, "status": "alert", "n": 900,
    }  # fmt: skip
    assert {name for name in found if name.startswith("served.")} == {
        "served.latency_p95_ms", "served.error_rate", "served.memory_mb",
    }  # fmt: skip
    only = records(window(chunk(days[0]), log=log))
    assert [(each["period"], each["rows"]) for each in only] == [(days[0], 500), (days[1], 0)]
    assert only[1]["measures"] == {n: each for n, each in found.items() if "served" in n}
    whole = {**log, "chunks": [logged("all requests", 70.0)],
             "measures": [{**each, "statuses": ["ok"]} for each in measures[:3]]}  # fmt: skip
    last = records(window(*map(chunk, days), every="file", log=whole))
    assert "served.error_rate" not in last[0]["measures"]
    assert last[1]["measures"]["served.latency_p95_ms"]["value"] == 70.0


def test_a_log_alone_is_remembered_too():
    def night(day, status):
        log = {"status": status, "requests": 900, "notes": [], "chunks": [logged(day, 20.0)],
               "measures": [{"measure": "latency_p95_ms", "limit": 50, "statuses": [status],
                             "status": status, "words": "20 in the latest chunk"}]}  # fmt: skip
        return {**unobserved(Monitor.read({"every": "day"})), "log": log}

    stored = []
    for day, status in (("2026-06-01", "ok"), ("2026-06-02", "alert"), ("2026-06-03", "alert")):
        tonight = night(day, status)
        last = judge(tonight, stored)
        stored += records(tonight)
        list(map(check, stored))
    assert last["status"] == last["log"]["measures"][0]["status"] == "alert"
    assert last["log"]["measures"][0]["since"] == "2026-06-02"
    assert judge(night("2026-06-03", "alert"), stored[:1])["status"] == "alert"
    first = judge(night("2026-06-04", "alert"), [*records(night("2026-06-02", "ok")), *stored[:1]])
    assert first["status"] == "warn"
    assert first["log"]["measures"][0]["words"].endswith("an alert of one chunk only")


def test_names_are_unique_even_where_a_column_is_called_like_the_models_own():
    rows = [(role, column) for role in ("feature", "prediction") for column in
            ("prediction", "score", "prediction.score", "feature.prediction")]  # fmt: skip
    names = [column_measure({"role": role, "column": column}) for role, column in rows]
    assert len(set(names)) == len(names)


def test_every_record_passes_its_own_check():
    for record in recorded(chunk("2026-06-01", "alert"), quality=["warn"]):
        check(record)


def test_the_counts_of_a_chunk_are_kept_where_they_are_known():
    kept = packed({"rows": 500, "nulls": 0, "counts": {"value": [1, 499]}}, leaning=True)
    (record,) = records(window({**chunk("2026-06-01"), "counts": {"drift.x": kept}}))
    check(record)
    assert record["counts"] == {"drift.x": kept}
    assert "counts" not in recorded(chunk("2026-06-01"))[0]
    told = judge(window({**chunk("2026-06-01"), "counts": {"drift.x": kept}}))
    assert "counts" not in told["chunks"][0]


def broken(path, value):
    (record,) = recorded(chunk("2026-06-01"))
    where = copy.deepcopy(record)
    inner = where
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return where


@pytest.mark.parametrize(
    "record",
    [
        None, [], {}, {"format": 1},
        broken(["format"], "1"),
        broken(["period"], None),
        broken(["rows"], "many"),
        broken(["measures"], []),
        broken(["measures", "drift.x"], None),
        broken(["measures", "drift.x", "status"], "fine"),
        broken(["measures", "drift.x", "value"], "0.1"),
        broken(["measures", "drift.x", "group"], "mood"),
        broken(["measures", "drift.x", "value"], True),
        broken(["measures", "drift.x", "low"], float("nan")),
        broken(["measures", "drift.x", "high"], 10**400),
        broken(["measures", "drift.x", "n"], None),
        broken(["rows"], -1),
        broken(["rows"], 10**400),
        broken(["counts"], []),
        broken(["counts"], {"drift.x": {"value": [1, 2]}}),
    ],
)  # fmt: skip
def test_anything_else_is_none(record):
    with pytest.raises(ValueError, match="record"):
        check(record)


def test_a_newer_format_is_refused():
    with pytest.raises(StoreError, match="newer mlpipe") as caught:
        check(broken(["format"], 2), "models/x.json")
    assert caught.value.problems[0].place == "models/x.json"
