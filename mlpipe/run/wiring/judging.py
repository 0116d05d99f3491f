"""Judging: what evaluate, explain and monitor are handed."""

from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import current_ingest
from mlpipe.run.events import kept_events
from mlpipe.run.named import trusted
from mlpipe.run.wiring.behaving import behaviour
from mlpipe.run.wiring.rival import champion_on
from mlpipe.table.columns import RESERVED, SCOPE

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.monitor.estimate.stage import Asked
    from mlpipe.monitor.spec import Monitor
    from mlpipe.run.task import Task
    from mlpipe.table.columns import Columns

__all__ = ["evaluate", "explain", "monitor"]

Outputs = dict[str, Any]


def evaluate(task: "Task") -> Outputs:
    """Judge the model on held-out rows."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.evaluate.stage import evaluate as stage
    from mlpipe.run.assembly import held_out
    from mlpipe.run.code import source_text
    from mlpipe.run.feedback import joined

    spec, columns = _evaluate_section(task), task.section("columns")
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    predictions = held_out(task, model)
    answers, bad = joined(task)
    outputs = stage(
        spec,
        task=task.section("task"),
        columns=columns,
        seed=task.section("seed"),
        frame=_rows_to_judge(task, spec, columns),
        predictions=predictions,
        classes=model.classes or None,
        positive=model.positive,
        threshold=model.threshold,
        champion=champion_on(task, model, predictions),
        behaviour=behaviour(task, model),
        feedback=answers,
        code={each.path: source_text(each.path) for each in spec.custom},
    )
    return {**outputs, **bad, "predictions": task.session.frame(outputs["predictions"])}


def explain(task: "Task") -> Outputs:
    """Say what the model uses, and which rows it is most wrong about."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.checks.places import located
    from mlpipe.explain.background import background_of
    from mlpipe.explain.explained import Explained
    from mlpipe.explain.spec import Explain, asked
    from mlpipe.explain.stage import explain as stage
    from mlpipe.run.explaining import held_rows
    from mlpipe.run.wiring.data import places

    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    breaks = places(task.folder("ingest"))
    outputs = stage(
        asked(task.section("evaluate.explain")) or Explain(),
        Explained(model.model, model.plan, task.session),
        held_rows(task, model),
        metric=task.json("train", "report")["metric"],
        background=background_of(model),
        places=lambda rows: located(rows, breaks, task.session) if breaks else {},
        seed=task.section("seed"),
    )
    fitted = model.about["trained_on"]["parts"]
    seen = outputs["report"]["part"] in fitted
    return {"report": {**outputs["report"], "seen": seen}}


def monitor(task: "Task") -> Outputs:
    """Compare the current data with the reference that the model carries."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.monitor.stage import monitor as stage
    from mlpipe.predict.stage import predict

    spec = task.section("monitor")
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    rows = task.table("current")
    events = kept_events(task, "current")
    predictions = predict(model, rows, task.session, events=events, on_progress=task.progress)
    if SCOPE in rows.columns:  # the reference knows rows in scope alone
        rows = rows.filter(rows[SCOPE])
        predictions = predictions.filter(predictions["in_scope"])
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
    report, rejected = _with_log(spec, outputs["report"], task)
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


def _evaluate_section(task: "Task") -> "Evaluate":
    """Return ``evaluate`` without ``explain``, which is a step of its own."""
    from mlpipe.evaluate.spec import Evaluate

    names = Evaluate.model_fields.keys() - {"explain", "operational"}
    given = {name: task.section(f"evaluate.{name}") for name in names}
    # Not in the key, and it changes nothing here: gates on it are judged after the steps, but
    # only with it is the section whole enough to be checked.
    return Evaluate(**given, operational=task.pipeline.evaluate.operational)


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


def _rows_to_judge(task: "Task", spec: "Evaluate", columns: "Columns") -> "pd.DataFrame":
    """Return the columns that evaluate reads, with the part of each row."""
    from mlpipe.evaluate.reading import columns_needed, refuse_unknown

    table, parts = task.table("ingest"), task.table("split", "parts")
    names = columns_needed(spec, columns, list(table.columns))
    refuse_unknown(spec, names, [name for name in table.columns if name not in RESERVED])
    chosen = table.select("_row", *names).inner_join(parts.select("_row", "part"), "_row")
    return task.session.pandas(chosen.order_by("_row"))


def _file_column(task: "Task") -> str | None:
    """Return the column that names the file of a current row, where a source adds one."""
    section = current_ingest(task.pipeline)
    sources = section.sources.values() if section else ()
    return next((source.file_column for source in sources if source.file_column), None)
