"""Watching: what monitor is handed."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_names
from mlpipe.monitor.chunks import CALENDAR
from mlpipe.monitor.spec import ANSWERING, OBSERVING, Monitor
from mlpipe.pipeline import current_ingest
from mlpipe.run.events import kept_events
from mlpipe.run.logged import is_log, roles
from mlpipe.run.named import trusted
from mlpipe.run.wiring.checking import judged
from mlpipe.run.wiring.data import of_current
from mlpipe.table.columns import SCOPE

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.monitor.estimate.asked import Asked
    from mlpipe.monitor.model import Current, Model
    from mlpipe.run.task import Task

__all__ = ["monitor", "observe", "observe_log"]

Outputs = dict[str, Any]


def observe(task: "Task") -> Outputs:
    """Compare the current data with the reference that the model carries, by itself."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.monitor.data.stage import with_data
    from mlpipe.monitor.history.record import records
    from mlpipe.monitor.stage import observe as stage

    spec = _section(task, OBSERVING)
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    current, labels, said = _current(task, model)
    asked, unasked = _asked(task).among(current.table.columns)
    report = stage(
        spec,
        _model(model, spec),
        current,
        task.session,
        asked=asked,
        seed=task.section("seed"),
    )
    report = with_data(report, task.json("checks", "report"), labels, [*said, *unasked])
    report = _with_answers(report, task, model, current)
    report, rejected = _with_log(spec, report, task)
    return {"report": report, "records": records(report) if spec.history else [], **rejected}


def observe_log(task: "Task") -> Outputs:
    """Judge latency and health alone: there are no rows to compare with anything."""
    from mlpipe.monitor.history.record import records
    from mlpipe.monitor.stage import unobserved

    spec = _section(task, OBSERVING)
    report, rejected = _with_log(spec, unobserved(spec), task)
    return {"report": report, "records": records(report) if spec.history else [], **rejected}


def monitor(task: "Task") -> Outputs:
    """Decide what was observed, together with the nights before it.

    What the nights counted is added up, and held against the reference of the model.
    """
    from mlpipe.monitor.alerts.listed import listed
    from mlpipe.monitor.history.judge import judge

    reference = task.json("bundle", "profile") if "bundle" in task.inputs else None
    report = judge(task.json("observe", "report"), task.past, reference)
    return {
        "report": listed(report, _section(task, ANSWERING)),
        "records": task.json("observe", "records"),
        "earlier": list(task.past),
        **_tables(task, "observe"),
    }


def _section(task: "Task", names: Sequence[str]) -> Monitor:
    """Return ``monitor`` as far as a step reads it."""
    return Monitor(**{name: task.section(f"monitor.{name}") for name in names})


def _tables(task: "Task", step: str) -> Outputs:
    """Return the rows that a step set apart: they stand beside the report that tells of them."""
    names = sorted(path.stem for path in task.folder(step).glob("*.parquet"))
    return {name: task.table(step, name) for name in names}


def _model(model: "Bundle", spec: "Monitor") -> "Model":
    from mlpipe.monitor.model import Model

    rows = _reference_rows(model) if spec.multivariate else None
    return Model(model.task, model.profile or {}, model.classes, rows)


def _current(task: "Task", model: "Bundle") -> tuple["Current", dict[str, int] | None, list[str]]:
    """Return the current rows in scope and what the model says of them; which labels came."""
    from mlpipe.monitor.data.known import known
    from mlpipe.monitor.model import Current
    from mlpipe.predict.stage import predict

    as_of, rows = task.section("monitor.as_of"), judged(task)
    columns = roles(task, rows)
    events = kept_events(task, "current")
    beside = _cutting(task, model, rows.columns)
    with of_current(task.pipeline):
        said = predict(
            model, rows, task.session, keys=beside, events=events, on_progress=task.progress
        )
    if SCOPE in rows.columns:  # the reference knows rows in scope alone
        rows = rows.filter(rows[SCOPE])
        said = said.filter(said["in_scope"])
    come = task.json("current", "report").get("labels")
    rows, labels, notes = known(rows, columns.target_name, model.classes, task.session, come)
    current = Current(
        rows,
        columns,
        said,
        file_column=_file_column(task),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
    )
    return current, labels, notes


def _cutting(task: "Task", model: "Bundle", there: Sequence[str]) -> list[str]:
    """Return the column that says which chunk a row is of: carried along, it needs no look-up."""
    calendar = _section(task, ("every",)).length in CALENDAR
    name = task.section("columns").time if calendar else _file_column(task)
    taken = {"prediction", *score_names(model.task, model.classes)}
    return [name] if name and name in there and name not in taken else []


def _with_answers(report: Outputs, task: "Task", model: "Bundle", current: "Current") -> Outputs:
    """Add how far the scores of a log are from what the model says now, where rows are its."""
    if not is_log(task.pipeline):
        return report
    from mlpipe.monitor.log.answers import compared

    answered = task.session.pandas(task.table("current", "answered"))
    said = task.session.pandas(current.predictions)
    found, notes = compared(answered, said, model.task, model.classes, model.digest)
    return {**report, "answered": found, "notes": [*report["notes"], *notes]}


def _with_log(spec: "Monitor", report: Outputs, task: "Task") -> tuple[Outputs, Outputs]:
    """Add what the prediction log says, where there is one, and its lines in quarantine."""
    from mlpipe.monitor.serving.stage import served

    if spec.log_source is None:
        return report, {}
    every = spec.length if spec.length in CALENDAR else "file"
    found, log = served(spec.log_source, spec.latency, spec.health, every, task.session)
    return {**report, "log": found}, {"log_quarantine": log.quarantine}


def _asked(task: "Task") -> "Asked":
    """Return what is looked at in every chunk: of the watched spec, what can be."""
    from mlpipe.run.estimable import asked

    quality, estimate = task.section("monitor.quality"), task.section("monitor.estimate")
    names = [*([quality.metric] if quality else []), *(estimate.metrics if estimate else ())]
    return asked(
        task,
        names,
        business=estimate is None or estimate.business,
        fairness=estimate is None or estimate.fairness,
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
