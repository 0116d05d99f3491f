"""All rows that fail, one Parquet file a check: written for the user, and no part of a run."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.checks.reference import reference_name
from mlpipe.errors import Problem, StoreError
from mlpipe.run.execute import load_dated
from mlpipe.run.formats import read_json
from mlpipe.run.logged import is_log
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.run.store import Store
from mlpipe.run.wiring.data import places, referred

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.pipeline import Pipeline
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

    _Asked = tuple[ir.Table, Columns, list[Check]]

__all__ = ["write_rows"]


def write_rows(request: Request, result: Result, folder: Path) -> list[tuple[Path, int]]:
    """Write the rows of each check that failed or warned; return the files and their rows.

    Every column of the table is there, `_row`, and `file` and `line` where ingest tells them;
    values of sensitive columns are null. Checks that no single row fails, and those of sources,
    have no file.

    Raises
    ------
    StoreError
        Where the folder cannot be written.
    """
    keys = {done.step: done.key for done in result.steps if done.key}
    read, asked = ("current", "checks") if request.verb == "monitor" else ("ingest", "validate")
    if not {read, asked} <= keys.keys():
        return []
    pipeline = load_dated(request).pipeline
    store = Store(Path(request.runs_dir))
    with store.session(), tempfile.TemporaryDirectory() as scratch:
        ingested, checked = (store.find(step, keys[step]) for step in (read, asked))
        if ingested is None or checked is None:
            return []
        from mlpipe.table.session import Session

        with Session(Path(scratch)) as session:
            table = session.positioned(ingested.path / "table.parquet")
            report = read_json(checked, "report")
            of = _of_current if read == "current" else _of_training
            rows, columns, checks = of(pipeline, table, ingested.path, report, session)
            where = places(ingested.path)
            return [
                (path, _write(session, rows, check, columns, where, path))
                for check, path in _failed(checks, report["checks"], _made(folder))
            ]


def _of_training(
    pipeline: "Pipeline",
    table: "ir.Table",
    folder: Path,
    _report: Mapping[str, Any],
    session: "Session",
) -> "_Asked":
    from mlpipe.validate.stage import bound

    spec, columns = pipeline.validate_, pipeline.columns
    references = referred(spec.references, folder)
    return table, columns, bound(spec, columns, table, session, references)


def _of_current(
    pipeline: "Pipeline",
    table: "ir.Table",
    folder: Path,
    report: Mapping[str, Any],
    session: "Session",
) -> "_Asked":
    """Return the rows that were judged, and the checks in the order of the report."""
    from mlpipe.monitor.data.future import until
    from mlpipe.monitor.data.spec import settings
    from mlpipe.validate.current import bound_current

    monitor, spec, log = pipeline.monitor, pipeline.validate_, is_log(pipeline)
    columns = pipeline.columns.among(table.columns) if log else pipeline.columns
    asked = settings(monitor.checks) if monitor else None
    if monitor is None or asked is None:
        return table, columns, []
    if monitor.as_of is not None:
        spec = spec.model_copy(update={"as_of": monitor.as_of})
    if report["late"] and monitor.as_of is not None:
        table = until(table, columns, monitor.as_of, session)
    kept = [
        each for each in spec.references if (folder / f"{reference_name(each)}.parquet").exists()
    ]
    checks, _, _ = bound_current(
        spec, columns, table, session,
        ignore=asked.ignore, references=referred(kept, folder), partial=log,
    )  # fmt: skip
    return table, columns, checks


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot be made: {error.strerror or error}"
        raise StoreError(Problem(message, str(folder))) from error
    return folder


def _failed(
    checks: "list[Check]", entries: list[Mapping[str, Any]], folder: Path
) -> "Iterator[tuple[Check, Path]]":
    """Yield the checks that failed with rows to show, and a file name for each."""
    for at, (check, entry) in enumerate(zip(checks, entries, strict=False)):
        if entry["status"] != "passed" and check.condition:
            stem = re.sub(r"[^A-Za-z0-9]+", "-", f"{check.column or 'table'}-{check.check}")
            yield check, folder / f"{at:02d}-{stem.strip('-')[:60]}.parquet"


def _write(
    session: "Session",
    table: "ir.Table",
    check: "Check",
    columns: "Columns",
    where: str,
    path: Path,
) -> int:
    """Write the rows of one check in their order: first under another name, then in its place."""
    from mlpipe.checks.failing import failing_rows
    from mlpipe.checks.places import with_places
    from mlpipe.table.columns import ROW

    hidden = {name.lower() for name in columns.sensitive}
    shown = [_shown(name, hidden) for name in table.columns]
    rows = failing_rows(str(session.con.compile(table)), check)
    rows = f"SELECT {', '.join(shown)} FROM ({rows}) AS t"  # noqa: S608
    taken = {name.lower() for name in table.columns}
    if where:
        names = [f"_{name}" if name in taken else name for name in ("file", "line")]
        rows = with_places(rows, where, names[0], names[1])
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        count = session.copy(f"SELECT * FROM ({rows}) ORDER BY {ROW}", staged)  # noqa: S608
        staged.replace(path)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise StoreError(Problem(message, str(path))) from error
    finally:
        staged.unlink(missing_ok=True)
    return count


def _shown(name: str, hidden: set[str]) -> str:
    """Return SQL of a column; of a sensitive one, nothing of its type."""
    from mlpipe.table.session import identifier

    quoted = identifier(name)
    return f"CASE WHEN false THEN {quoted} END AS {quoted}" if name.lower() in hidden else quoted
