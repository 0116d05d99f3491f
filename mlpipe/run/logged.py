# ruff: noqa: S608 — paths are quoted by `literal`.
"""Current data out of the prediction log: its rows as a source, placed where the log has them."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.files import shown
from mlpipe.ingest.loaded import BadRow, Loaded, refuse_too_many
from mlpipe.ingest.places import joined
from mlpipe.ingest.source import Source
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session, literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.ingest.spec import Ingest
    from mlpipe.monitor.log.rows import Logged
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.task import Task

__all__ = ["is_log", "of_log", "roles"]


def is_log(pipeline: "Pipeline") -> bool:
    """Whether the current data is what the prediction log holds."""
    current = pipeline.monitor.current if pipeline.monitor else None
    return current is not None and current.log is not None


def roles(task: "Task", table: "ir.Table") -> Columns:
    """Return the roles of columns of the current rows: a log may hold no more than features."""
    columns: Columns = task.section("columns")
    return columns.among(table.columns) if is_log(task.pipeline) else columns


def of_log(task: "Task", section: "Ingest") -> tuple[Loaded, dict[str, Any]]:
    """Read the rows of the log; beside them, ``answered``: what each was answered, and by whom.

    Raises
    ------
    DataError
        There is no log, it has no rows, or too many of them cannot be read exactly.
    """
    from mlpipe.monitor.log.rows import KEY, logged

    path, session = task.section("monitor.current").log, task.session
    ((name, source),) = section.sources.items()
    time = task.section("columns").time
    found = logged(path, time, session, daily=source.types.get(time) == "date")
    types = {column: word for column, word in source.types.items() if column in found.names}
    if time is not None:
        types = {time: "timestamp", **types}
    read = _read(name, Source(path=str(found.rows), format="jsonl", types=types), KEY, found, task)
    bad = tuple(_placed(row, found, session) for row in read.bad)
    total = read.rows + read.rejected
    refuse_too_many(name, bad, read.rejected, total, section.max_bad_rows)
    rows = _rows(read, found)
    breaks = session.path("breaks")
    session.copy(f"SELECT row, file, log_line AS line FROM ({rows}) ORDER BY row", breaks)
    loaded = replace(
        read,
        files=({"path": path, "rows": read.rows},),
        breaks=breaks,
        bad=bad,
        warnings=(*read.warnings, *found.warnings()),
    )
    answered = session.query(
        f"SELECT row AS _row, model, digest, score::VARCHAR AS score FROM ({rows}) ORDER BY row"
    )
    return loaded, {"answered": answered}


def _read(name: str, source: Source, key: str, found: "Logged", task: "Task") -> Loaded:
    """Read the rows like any JSON lines; what is wrong is said of the log, not of our own file."""
    from mlpipe.ingest.load import load_source

    try:
        return load_source(name, source, key, float("inf"), task.session)
    except (SpecError, DataError) as error:
        log = task.section("monitor.current").log
        problems = (_of_log(each, log, found, task.session) for each in error.problems)
        raise DataError(*problems) from None


def _of_log(problem: Problem, log: str, found: "Logged", session: Session) -> Problem:
    ours = re.compile(rf"{re.escape(shown(found.rows))}(?::(\d+))?")

    def theirs(match: re.Match[str]) -> str:
        return ":".join(map(str, _at(int(match[1]), found, session))) if match[1] else log

    def told(text: str) -> str:
        return ours.sub(theirs, text).replace("ingest.sources.log.types", "monitor.current.types")

    said = {name: told(getattr(problem, name)) for name in ("message", "place", "key", "hint")}
    return replace(problem, **said)


def _placed(row: BadRow, found: "Logged", session: Session) -> BadRow:
    file, line = _at(row.line, found, session)
    return replace(row, file=file, line=line)


def _at(line: int, found: "Logged", session: Session) -> tuple[str, int]:
    """Return the file and the line of the log that a line of our own file came from."""
    file, at = session.raw.execute(
        f"SELECT file, log_line FROM read_parquet({literal(str(found.places))}) WHERE line = {line}"
    ).fetchone() or ("", 0)
    return file, at


def _rows(read: Loaded, found: "Logged") -> str:
    """Return SQL of the good rows: ``row``, and what the log says of them."""
    placed = joined(read.breaks, f"SELECT range AS row FROM range({read.rows})")  # type: ignore[arg-type]
    places = f"read_parquet({literal(str(found.places))})"
    return (
        f"SELECT r.row, p.file, p.log_line, p.model, p.digest, p.score "
        f"FROM ({placed}) r JOIN (SELECT line AS ours, * EXCLUDE (line) FROM {places}) p "
        "ON r.line = p.ours"
    )
