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
