"""The wiring: for each step, its slices of the spec and its inputs to its pure function.

Stages do not know each other; what one needs of another is handed over here.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.checks.reference import Reference, reference_name
from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.pipeline import Pipeline, current_ingest
from mlpipe.run.events import kept_events, related
from mlpipe.run.fetched import localized
from mlpipe.run.named import trusted
from mlpipe.run.secrets import as_text, revealed
from mlpipe.table.columns import SCOPE
from mlpipe.table.duration import parse
from mlpipe.table.session import literal
from mlpipe.validate.spec import Validate

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.run.steps import Task

__all__ = [
    "ATTRIBUTES",
    "INGESTED",
    "VERDICTS",
    "bundle",
    "current",
    "evaluate",
    "featurize",
    "has_current",
    "ingest",
    "monitor",
    "places",
    "referred",
    "require_current",
    "split",
    "train",
    "validate",
]

ATTRIBUTES = {"validate": "validate_"}
"""Sections whose name pydantic keeps for itself."""

INGESTED = ("ingest", "current")
"""Steps whose table does not store ``_row``: it is the position of a row in the file."""

VERDICTS = {
    "validate": ("report", "status", ("failed",)),
    "evaluate": ("verdict", "status", ("failed",)),
    "monitor": ("report", "exit", ("fail",)),
}
"""step -> the document, its field, and the values that make the command exit with 1."""

Outputs = dict[str, Any]


def has_current(pipeline: Pipeline) -> bool:
    """Whether the spec has current data to monitor."""
    return pipeline.monitor is not None and pipeline.monitor.current is not None


def require_current(pipeline: Pipeline) -> None:
    """Refuse to monitor without current data."""
    if not has_current(pipeline):
        hint = "add monitor: {current: {path: …}}"
        raise SpecError(Problem("there is no current data to monitor", key="monitor", hint=hint))


@contextmanager
def _readable() -> Iterator[None]:
    """Say what the engine stumbles over, damaged pages for one, as a fault of the data."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        hint = "is a file damaged? write it again"
        raise DataError(Problem(f"cannot be read: {message}", hint=hint)) from error


def ingest(task: "Task") -> Outputs:
    """Read the training data."""
    from mlpipe.ingest.stage import ingest as stage

    columns, variables = task.section("columns"), task.section("vars")
    section = localized(revealed(task.section("ingest")), task.local)
    with _readable():
        return stage(
            section,
            columns,
            as_text(variables),
            task.session,
            references=task.section("validate.references"),
            events=related(task.pipeline, section),
        )


def current(task: "Task") -> Outputs:
    """Read the current data the same way; its labels may not be there yet."""
    from mlpipe.ingest.stage import ingest as stage

    section = current_ingest(task.pipeline)
    if section is None:
        raise SpecError(Problem("there is no current data to monitor", key="monitor"))
    columns, variables = task.section("columns"), task.section("vars")
    has_labels = section.labels is not None
    section = localized(revealed(section), task.local)
    with _readable():
        return stage(
            section,
            columns,
            as_text(variables),
            task.session,
            labels=has_labels,
            events=related(task.pipeline, section),
        )


def split(task: "Task") -> Outputs:
    """Say which row is train, valid, test, and in which fold."""
    from mlpipe.split.stage import split as stage

    return stage(
        task.section("split"),
        task.section("columns"),
        task.section("train.folds"),
        task.section("seed"),
        task.table("ingest"),
        task.session,
    )


def validate(task: "Task") -> Outputs:
    """Check the table, and let the doctor look for leaks between its parts."""
    from mlpipe.validate.doctor.rows import Parting, Setting
    from mlpipe.validate.stage import validate as stage

    by, column = task.section("split.by"), task.section("split.column")
    if by == "file":
        column = column or "file"
    setting = Setting(
        task.table("split", "parts"),
        Parting(by, column if by in ("column", "file") else None),
        task.section("task"),
        {each["name"]: each["kind"] for each in task.json("ingest", "report")["columns"]},
    )
    spec = task.section("validate")
    return stage(
        spec,
        task.section("columns"),
        task.table("ingest"),
        task.session,
        setting=setting,
        sources=_source_checks(task.json("ingest", "report")),
        references=referred(spec, task.folder("ingest")),
        places=places(task.folder("ingest")),
    )


def _source_checks(report: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {name: each.get("checks", []) for name, each in report["sources"].items()}


def referred(spec: Validate, ingested: Path) -> dict[Reference, str]:
    """Return SQL of the values that each reference of the checks means, as ingest kept them."""
    return {each: _from(ingested / f"{reference_name(each)}.parquet") for each in spec.references}


def places(ingested: Path) -> str:
    """Return SQL of the file and line that rows came from; empty where ingest does not tell."""
    path = ingested / "places.parquet"
    return _from(path) if path.exists() else ""


def _from(path: Path) -> str:
    return f"SELECT * FROM read_parquet({literal(str(path))})"  # noqa: S608


def featurize(task: "Task") -> Outputs:
    """Decide the features of every model, and compute those that look back."""
    from mlpipe.featurize.stage import featurize as stage

    what = task.section("task")
    return stage(
        task.section("featurize"),
        task.section("columns"),
        task.json("ingest", "report")["columns"],
        task.pipeline.train.families(what),
        task.table("ingest"),
        task.table("split", "parts"),
        task.session,
        task.section("seed"),
        task=what,
        events=kept_events(task, "ingest"),
    )


def train(task: "Task") -> Outputs:
    """Compare the candidates and fit the best one."""
    from mlpipe.train.stage import train as stage

    folds, gap = task.json("split", "report")["folds"], task.section("split.gap")
    return stage(
        _train_section(task),
        task.section("task"),
        task.section("columns"),
        task.section("seed"),
        task.json("featurize", "plan"),
        task.table("featurize"),
        task.table("split", "parts"),
        folds["kind"],
        folds["count"],
        task.session,
        on_progress=task.progress,
        on_time=lambda trial, seconds: task.times(str(trial), seconds),
        earlier=_earlier_trials(task),
        gap=parse(gap) if gap else None,
    )


def _earlier_trials(task: "Task") -> Iterator[dict[str, Any]]:
    """Yield the trials of searches that differ in their number alone."""
    for folder in task.earlier:
        path = folder / "trials.json"
        if path.exists():
            yield from json.loads(path.read_bytes())["trials"]


def _train_section(task: "Task") -> Any:
    """Return ``train`` without ``decide``, which is the business of the bundle."""
    from mlpipe.train.spec import Train

    names = (
        "models",
        "search",
        "folds",
        "select",
        "calibrate",
        "refit",
        "target",
        "learning_curve",
        "importance",
    )
    return Train(**{name: task.section(f"train.{name}") for name in names})


def bundle(task: "Task") -> Outputs:
    """Set the threshold and put all that predicts into one folder."""
    from mlpipe.run.assembly import assemble

    return assemble(task)


def evaluate(task: "Task") -> Outputs:
    """Judge the model on held-out rows."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.evaluate.misfits import columns_needed
    from mlpipe.evaluate.stage import evaluate as stage
    from mlpipe.run.assembly import held_out

    spec, columns = task.section("evaluate"), task.section("columns")
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    outputs = stage(
        spec,
        task=task.section("task"),
        columns=columns,
        seed=task.section("seed"),
        frame=_rows_to_judge(task, columns_needed(spec, columns)),
        predictions=held_out(task, model),
        classes=model.classes or None,
        positive=model.positive,
        threshold=model.threshold,
    )
    return {**outputs, "predictions": task.session.frame(outputs["predictions"])}


def _file_column(task: "Task") -> str | None:
    """Return the column that names the file of a current row, where a source adds one."""
    section = current_ingest(task.pipeline)
    sources = section.sources.values() if section else ()
    return next((source.file_column for source in sources if source.file_column), None)


def _rows_to_judge(task: "Task", names: tuple[str, ...]) -> "pd.DataFrame":
    """Return the columns that evaluate reads, with the part of each row."""
    table, parts = task.table("ingest"), task.table("split", "parts")
    missing = [name for name in names if name not in table.columns]
    if missing:
        known = ", ".join(table.columns[1:])
        problems = (
            Problem(f"there is no column '{name}'", key="evaluate", hint=f"columns: {known}")
            for name in missing
        )
        raise SpecError(*problems)
    chosen = table.select("_row", *names).inner_join(parts.select("_row", "part"), "_row")
    return task.session.pandas(chosen.order_by("_row"))


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
    )
    alert = outputs["report"]["status"] == "alert" and spec.on_alert == "fail"
    return {"report": {**outputs["report"], "exit": "fail" if alert else "pass"}}
