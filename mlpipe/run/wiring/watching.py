"""Watching: what monitor is handed."""

from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import current_ingest
from mlpipe.run.events import kept_events
from mlpipe.run.named import trusted
from mlpipe.run.wiring.checking import judged
from mlpipe.run.wiring.data import of_current
from mlpipe.table.columns import SCOPE

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.monitor.estimate.stage import Asked
    from mlpipe.monitor.spec import Monitor
    from mlpipe.run.task import Task

__all__ = ["monitor"]

Outputs = dict[str, Any]


def monitor(task: "Task") -> Outputs:
    """Compare the current data with the reference that the model carries."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.monitor.data.known import known
    from mlpipe.monitor.data.stage import with_data
    from mlpipe.monitor.stage import monitor as stage
    from mlpipe.predict.stage import predict

    spec = task.section("monitor")
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    rows = judged(task)
    events = kept_events(task, "current")
    with of_current():
        predictions = predict(model, rows, task.session, events=events, on_progress=task.progress)
    if SCOPE in rows.columns:  # the reference knows rows in scope alone
        rows = rows.filter(rows[SCOPE])
        predictions = predictions.filter(predictions["in_scope"])
    come = task.json("current", "report").get("labels")
    target = task.section("columns").target_name
    rows, labels, unknown = known(rows, target, model.classes, task.session, come)
    reference = model.profile or {}
    outputs = stage(
        spec,
        model.task,
        task.section("columns"),
        reference,
        rows,
        task.session.pandas(predictions),
        reference.get("importance", {}),
        reference.get("quality", {}),
        task.session,
        classes=model.classes,
        file_column=_file_column(task),
        seed=task.section("seed"),
        asked=_asked(task),
        reference_rows=_reference_rows(model) if spec.multivariate else None,
    )
    checked = with_data(outputs["report"], task.json("checks", "report"), labels, unknown)
    report, rejected = _with_log(spec, checked, task)
    alert = report["status"] == "alert" and spec.on_alert == "fail"
    return {"report": {**report, "exit": "fail" if alert else "pass"}, **rejected}


def _with_log(spec: "Monitor", report: Outputs, task: "Task") -> tuple[Outputs, Outputs]:
    """Add what the prediction log says, where there is one, and its lines in quarantine."""
    from mlpipe.monitor.serving.stage import served, worse

    if spec.log_source is None:
        return report, {}
    found, log = served(spec.log_source, spec.latency, spec.health, spec.every, task.session)
    status = worse(report["status"], found["status"])
    return {**report, "status": status, "log": found}, {"log_quarantine": log.quarantine}


def _asked(task: "Task") -> "Asked":
    """Return what is estimated while labels are missing: of the watched spec, what can be."""
    from mlpipe.monitor.estimate.stage import Asked

    quality, estimate = task.section("monitor.quality"), task.section("monitor.estimate")
    names = [*([quality.metric] if quality else []), *(estimate.metrics if estimate else ())]
    fairness = task.section("evaluate.fairness")
    gaps = fairness.metrics if fairness and (estimate is None or estimate.fairness) else ()
    return Asked(
        tuple(dict.fromkeys(names)),
        task.section("evaluate.business") if estimate is None or estimate.business else {},
        gaps,
        task.section("columns").sensitive,
    )


def _reference_rows(model: "Bundle") -> "pd.DataFrame | None":
    """Return the rows of train that the bundle keeps; None where it keeps none."""
    from mlpipe.bundle.contents import REFERENCE_ROWS

    if REFERENCE_ROWS not in model.about["files"]:
        return None
    import pyarrow.parquet as pq

    with pq.ParquetFile(model.path / REFERENCE_ROWS) as file:
        found: pd.DataFrame = file.read().to_pandas()
    return found


def _file_column(task: "Task") -> str | None:
    """Return the column that names the file of a current row, where a source adds one."""
    section = current_ingest(task.pipeline)
    sources = section.sources.values() if section else ()
    return next((source.file_column for source in sources if source.file_column), None)
