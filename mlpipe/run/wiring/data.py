"""Data: what ingest, split and validate are handed."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.checks.reference import Reference, reference_name
from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.pipeline import Pipeline, current_ingest
from mlpipe.run.events import related
from mlpipe.run.fetched import localized
from mlpipe.run.logged import is_log, of_log
from mlpipe.run.secrets import as_text, revealed
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from mlpipe.run.task import Task

__all__ = [
    "current",
    "has_current",
    "ingest",
    "of_current",
    "places",
    "referred",
    "require_watched",
    "source_checks",
    "split",
    "validate",
]

Outputs = dict[str, Any]


def has_current(pipeline: Pipeline) -> bool:
    """Whether the spec has current data to monitor."""
    return pipeline.monitor is not None and pipeline.monitor.current is not None


def require_watched(pipeline: Pipeline) -> None:
    """Refuse to monitor without current data and without a prediction log."""
    if not has_current(pipeline) and not (pipeline.monitor and pipeline.monitor.log):
        hint = (
            "add monitor: {current: {path: …}}, or monitor: {log: …} for latency and health alone"
        )
        raise SpecError(Problem("there is no current data to monitor", key="monitor", hint=hint))


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
    with _readable(), of_current(task.pipeline):
        given, beside = of_log(task, section) if is_log(task.pipeline) else (None, {})
        made = stage(
            section,
            columns.among(given.columns) if given else columns,
            as_text(variables),
            task.session,
            given=given,
            labels=has_labels,
            current=True,
            references=_there(task.section("validate.references"), section.sources),
            events=related(task.pipeline, section),
        )
        return {**made, **beside}


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
        sources=source_checks(task.json("ingest", "report")),
        references=referred(spec.references, task.folder("ingest")),
        places=places(task.folder("ingest")),
    )


def referred(references: Iterable[Reference], ingested: Path) -> dict[Reference, str]:
    """Return SQL of the values that each reference of the checks means, as ingest kept them."""
    return {each: _from(ingested / f"{reference_name(each)}.parquet") for each in references}


def places(ingested: Path) -> str:
    """Return SQL of the file and line that rows came from; empty where ingest does not tell."""
    path = ingested / "places.parquet"
    return _from(path) if path.exists() else ""


def _there(references: Iterable[Reference], sources: Iterable[str]) -> tuple[Reference, ...]:
    """Return the references to sources that are among the current data."""
    names = set(sources)
    return tuple(each for each in references if each[0] in names)


@contextmanager
def of_current(pipeline: Pipeline) -> Iterator[None]:
    """Lay what does not fit to the current data: the spec fitted the data of training."""
    try:
        yield
    except (SpecError, DataError) as error:
        problems = error.problems
        fitted = isinstance(error, DataError) or all(map(_fitted_training, problems))
        if not fitted:
            raise
        raise DataError(*(_of_current(each, pipeline) for each in problems)) from error


def _fitted_training(problem: Problem) -> bool:
    """Whether a problem with the spec is one of these files alone: a column that is not there."""
    first, _, rest = problem.key.partition(".")
    of_source = first == "ingest" and rest.startswith("sources.") and ".types." in rest
    return of_source or first == "columns" or problem.key.startswith(("ingest.sql", "ingest.scope"))


def _of_current(problem: Problem, pipeline: Pipeline) -> Problem:
    place = problem.place or "current data"
    key = problem.key.rpartition(".types.")[2]
    hint = problem.hint
    if is_log(pipeline):  # whose types are not declared where those of files are
        hint = hint.replace("ingest: sources: NAME: types:", "monitor: current: types:")
    return replace(problem, place=place, key=key, hint=hint)


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


def source_checks(report: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what the checks of single sources said when they were read, by source."""
    return {name: each.get("checks", []) for name, each in report["sources"].items()}


def _from(path: Path) -> str:
    return f"SELECT * FROM read_parquet({literal(str(path))})"  # noqa: S608
