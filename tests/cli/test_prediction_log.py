"""The prediction log in a project: judged, part of the key, on the page."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from mlpipe.monitor.log.entry import Answered, Entry
from mlpipe.monitor.log.write import Writer
from tests.project import mlpipe, write_project

pytestmark = pytest.mark.slow


def written(folder, count, latency=90.0, first=0):
    start = datetime(2026, 11, 20, tzinfo=UTC)
    model = Answered(name="small", version="1", digest="ab")
    with Writer(folder, f"p{first}") as writer:
        for at in range(first, first + count):
            time = start + timedelta(minutes=at)
            writer.append(
                Entry(id=str(at), time=time, model=model, rows=1, latency_ms=latency,
                      status="ok", code=200, process="p")
            )  # fmt: skip


def test_a_slow_log_alerts_and_a_longer_one_is_read_again(tmp_path):
    folder = write_project(tmp_path)
    spec = folder / "mlpipe.yaml"
    spec.write_text(
        spec.read_text()
        + "monitor: {current: {path: data.csv}, log: log, latency: {p95_ms: 50}, every: day}\n"
    )
    written(folder / "log", 600)
    done = mlpipe(folder, "run", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(next(folder.glob("runs/*/0001*/monitor/report.json")).read_text())
    assert report["log"]["measures"][0]["status"] == "alert"
    page = next(folder.glob("runs/*/0001*/report.html")).read_text()
    assert "Latency and health" in page
    assert "latency_p95_ms: 90 in the latest chunk; at most 50" in mlpipe(folder, "monitor").stdout
    (folder / "log" / "bad.jsonl").write_text("{}\n")
    mlpipe(folder, "monitor")
    last = sorted(folder.glob("runs/*/0*/monitor/report.json"))[-1]
    assert json.loads(last.read_text())["log"]["rejected"] == 1
    assert (last.parent / "log_quarantine.parquet").exists()


def test_a_log_alone_is_judged_without_a_model(tmp_path):
    folder = write_project(tmp_path)
    spec = folder / "mlpipe.yaml"
    spec.write_text(spec.read_text() + "monitor: {log: log, latency: {p95_ms: 50}, every: day}\n")
    done = mlpipe(folder, "monitor")
    assert done.returncode == 2, "there is no log yet"
    assert "there is no file log" in done.stderr
    written(folder / "log", 600)
    done = mlpipe(folder, "monitor")
    assert done.returncode == 1, done.stderr
    assert "latency_p95_ms: 90 in the latest chunk; at most 50" in done.stdout
    assert "there is no current data: latency and health alone are judged" in done.stdout
    assert "observe    computed" in done.stderr
    assert "600 requests" in done.stderr


def asked(folder, rows, **given):
    """Log requests of two rows each, every tenth of which failed."""
    model = Answered(name="small", version="7", digest="ab")
    start = datetime(2026, 11, 20, tzinfo=UTC)
    with Writer(folder, "p") as writer:
        for at in range(0, len(rows), 2):
            told = {"features": tuple(rows[at : at + 2]), "scores": (0.5, 0.5), **given}
            status = "error" if at % 20 == 0 else "ok"
            writer.append(
                Entry(id=str(at), time=start + timedelta(minutes=at), model=model, rows=2,
                      latency_ms=9.0, status=status, code=200, process="p", **told)
            )  # fmt: skip


def test_the_features_of_a_log_are_current_data(tmp_path):
    folder = write_project(tmp_path)
    spec = folder / "mlpipe.yaml"
    of_monitor = "monitor: {current: {log: log}, drift: {warn: 8, alert: 9}, every: all}\n"
    spec.write_text(spec.read_text() + of_monitor)
    assert mlpipe(folder, "train").returncode == 0
    table = [line.split(",") for line in (folder / "data.csv").read_text().splitlines()[1:]]
    rows = [{"age": int(age), "plan": plan, "gender": sex} for _, age, plan, sex, _ in table]
    rows[11] = {"age": 12, "plan": "pro", "gender": "m"}
    asked(folder / "log", rows)
    done = mlpipe(folder, "monitor", "--json")
    assert done.returncode == 1, done.stderr  # an age under 18
    report = json.loads(next(folder.glob("runs/*/0002*/monitor/report.json")).read_text())
    assert report["rows"] == 360
    (check,) = report["checks"]
    assert check["message"] == "age: 1 of 360 values are below 18"
    assert [(each["file"], each["line"]) for each in check["examples"]] == [
        ("log/2026-11-20.p.jsonl", 6)
    ]
    assert report["answered"]["rows"] == 360
    assert report["answered"]["others"] == 360
    assert any("another model answered (small 7)" in note for note in report["notes"])


def test_a_feature_that_is_no_value_is_placed_in_the_log(tmp_path):
    folder = write_project(tmp_path)
    spec = folder / "mlpipe.yaml"
    spec.write_text(spec.read_text() + "monitor: {current: {log: log, types: {age: integer}}}\n")
    assert mlpipe(folder, "train").returncode == 0
    asked(folder / "log", [{"age": 20, "plan": "pro", "gender": "m"}] * 4 + [{"age": "x"}] * 2)
    done = mlpipe(folder, "monitor", "-S", "ingest.max_bad_rows=0")
    assert done.returncode == 3, done.stderr
    assert "log (log/2026-11-20.p.jsonl:3)" in done.stderr, done.stderr
    assert ".scratch" not in done.stderr
