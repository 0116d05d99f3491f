"""Checking: what is asked of current rows before they are judged, and which of them are."""

from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import current_ingest
from mlpipe.run.logged import is_log, roles
from mlpipe.run.wiring.data import places, referred, source_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from mlpipe.ingest.source import Source
    from mlpipe.run.task import Task

__all__ = ["checks", "judged"]

Outputs = dict[str, Any]


def checks(task: "Task") -> Outputs:
    """Set rows of the future aside, and ask the checks of validate of the others."""
    from mlpipe.checks.run import run
    from mlpipe.monitor.data.future import future, late_rows, until

    as_of, table = task.section("monitor.as_of"), _rows(task)
    columns, where = roles(task, table), places(task.folder("current"))
    asked = future(table, columns, as_of) if as_of else None
    found = run([asked], columns, table, task.session, places=where)[0] if asked else []
    late = sum(each["failing"] for each in found)
    rows = until(table, columns, as_of, task.session) if late else table
    report = _checked(task, rows, where)
    report = {
        **report,
        "status": "warned" if late and report["status"] == "passed" else report["status"],
        "checks": [*report["checks"], *found],
        "late": late,
    }
    aside = late_rows(table, columns, as_of, where, task.session) if late else None
    return {"report": report, **({"quarantine": aside} if aside is not None else {})}


def judged(task: "Task") -> "ir.Table":
    """Return the current rows that do not lie in the future."""
    from mlpipe.monitor.data.future import until

    table = _rows(task)
    if not task.json("checks", "report")["late"]:
        return table
    return until(table, roles(task, table), task.section("monitor.as_of"), task.session)


def _rows(task: "Task") -> "ir.Table":
    """Return the current rows; a column without any value has the type that it had in training."""
    from mlpipe.bundle.schema import trained_types
    from mlpipe.table.empty import typed_as

    return typed_as(task.table("current"), trained_types(task.folder("bundle")), task.session)


def _checked(task: "Task", rows: "ir.Table", where: str) -> dict[str, Any]:
    """Return the report of the checks; without any where they are off."""
    from mlpipe.monitor.data.spec import settings
    from mlpipe.validate.current import validate_current

    spec, asked = task.section("validate"), settings(task.section("monitor.checks"))
    if asked is None:
        total = int(task.session.con.to_pyarrow(rows.count()).as_py())
        why = {"check": "validate", "why": "monitor.checks is false"}
        return {"status": "passed", "rows": total, "checks": [], "left_out": [why]}
    there = task.json("current", "report")["sources"]
    kept = [each for each in spec.references if each[0] in there]
    found = validate_current(
        spec.model_copy(update={"as_of": task.section("monitor.as_of")}),
        roles(task, rows),
        rows,
        task.session,
        ignore=asked.ignore,
        count=asked.rows,
        sources=source_checks({"sources": there}),
        references=referred(kept, task.folder("current")),
        places=where,
        partial=is_log(task.pipeline),
    )
    return {**found, "left_out": [*found["left_out"], *_of_other_sources(task)]}


def _of_other_sources(task: "Task") -> list[dict[str, str]]:
    """Return what nobody asks of sources: those that are not read here, and how large they were."""
    section, trained = current_ingest(task.pipeline), task.section("ingest.sources")
    here = dict(section.sources) if section else {}
    if len(trained) == len(here) == 1 and not is_log(task.pipeline):
        here = dict(zip(trained, here.values(), strict=True))  # the same source under our own name
    return [
        each for name, source in trained.items() for each in _unasked(name, source, here.get(name))
    ]


def _unasked(name: str, trained: "Source", now: "Source | None") -> "Iterator[dict[str, str]]":
    """Yield the checks of a source of training that current data is not asked."""
    from mlpipe.checks.words import Rows
    from mlpipe.validate.current import OF_TRAINING

    key = f"ingest.sources.{name}.checks"
    others = [word for word in trained.checks if not isinstance(word, Rows)]
    if now is None or (others and not now.checks):
        if trained.checks:
            yield {"check": key, "why": "the source is not among the current data"}
        return
    for at, word in enumerate(trained.checks):
        if isinstance(word, Rows) and word not in now.checks:
            yield {"check": f"{key}[{at}] (rows)", "why": OF_TRAINING}
