"""What `mlpipe runs list` says of each run."""

from pathlib import Path

from mlpipe.run.history import summaries
from mlpipe.run.store import Store


def test_a_run_whose_first_metric_is_undefined_is_listed(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    for value in (None, 0.25):
        row = {"name": "recall", "value": value}
        record = {
            "name": "small",
            "started": "2026-11-26T10:00:00.000",
            "request": {"verb": "evaluate"},
            "result": {"status": "passed", "answer": {"metrics": {"model": "m", "rows": [row]}}},
        }
        with store.session():
            store.write_run("small", record, {}, {})
    told = {each["metric"] for each in summaries(str(tmp_path / "runs"))}
    assert told == {"recall –", "recall 0.2500"}
