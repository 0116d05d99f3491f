"""Read a prediction log in one scan: what can be counted, and what goes to quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.monitor.log.entry import STATUSES, VERSION
from mlpipe.monitor.log.files import batches, files
from mlpipe.table.session import literal

if TYPE_CHECKING:
    import ibis.expr.types as ir  # noqa: TC004

    from mlpipe.table.session import Session

__all__ = ["LINES", "PARSED", "Log", "read"]

TABLE = "prediction_log"
LINES = "prediction_log_lines"
PARSED = "prediction_log_parsed"
_TIME = r"(19|2\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)"
_FIELDS = (
    "log_version", "id", "time", "rows", "latency_ms", "status", "code", "process", "memory_mb",
    "model.name", "model.version", "model.digest",
)  # fmt: skip
_TEXT, _WHOLE = ("VARCHAR",), ("UBIGINT", "BIGINT")
_NUMBER = (*_WHOLE, "DOUBLE")
_TYPES = {
    "id": ("a text", _TEXT), "time": ("a text", _TEXT), "rows": ("a whole number", _WHOLE),
    "latency_ms": ("a number", _NUMBER), "status": ("a text", _TEXT),
    "code": ("a whole number", _WHOLE), "process": ("a text", _TEXT),
    "model.name": ("a text", _TEXT), "model.version": ("a text", _TEXT),
    "model.digest": ("a text", _TEXT),
}  # fmt: skip


@dataclass(frozen=True)
class Log:
    """A log that was read.

    Attributes
    ----------
    table : str
        The table of the session that holds its requests: ``time`` (naive, UTC), ``rows``,
        ``latency_ms``, ``status``, ``code``, ``process``, ``memory_mb``, ``model``; each
        request once.
    requests : int
    first, last : datetime or None
        When the first and the last request arrived.
    files : int
    rejected : int
        Lines in quarantine.
    reasons : dict
        Why, with how many lines of each.
    duplicates : int
        Lines whose request was counted already.
    torn : list of str
        Places of last lines that were still being written.
    quarantine : ibis table
        ``place``, ``reason`` and ``text`` of each line that was left out.
    """

    table: str
    requests: int
    first: datetime | None
    last: datetime | None
    files: int
    rejected: int
    reasons: dict[str, int]
    duplicates: int
    torn: list[str]
    quarantine: ir.Table


def read(path: str, session: Session, as_of: datetime | None = None) -> Log:
    """Read a log into a table of the session.

    Parameters
    ----------
    path : str
        A file, a folder or a pattern.
    session : Session
    as_of : datetime, optional
        When the log was taken, naive and in UTC; a later time lies in the future.

    Returns
    -------
    Log

    Raises
    ------
    DataError
        There is no log, or it is of a version that this reader does not know.

    Notes
    -----
    Lines stream from the files through the engine; what is kept of one is a few numbers, and the
    engine spills them. Duplicates are of the same id; the first line of one counts.
    """
    paths = files(path)
    names = [str(each) for each in paths]
    raw = session.raw
    raw.register(LINES, batches(paths))
    try:
        raw.execute(f"CREATE OR REPLACE TEMP TABLE {PARSED} AS {_parse(as_of)}")
    finally:
        raw.unregister(LINES)
    _refuse_versions(session, names)
    raw.execute(
        f"CREATE OR REPLACE TEMP TABLE {TABLE} AS "  # noqa: S608
        "SELECT time, rows, latency_ms, status, code, process, memory_mb, model "
        f"FROM {PARSED} WHERE reason IS NULL AND (file, line) IN (SELECT min((file, line)) "
        f"FROM {PARSED} WHERE reason IS NULL GROUP BY id)"
    )
    return _log(session, names)


def _log(session: Session, names: list[str]) -> Log:
    raw = session.raw
    requests, first, last = _one(
        session,
        f"SELECT count(*), min(time), max(time) FROM {TABLE}",  # noqa: S608
    )
    (good,) = _one(session, f"SELECT count(*) FROM {PARSED} WHERE reason IS NULL")  # noqa: S608
    reasons = raw.execute(
        f"SELECT reason, count(*) FROM {PARSED} WHERE reason <> 'torn' "  # noqa: S608
        "GROUP BY reason ORDER BY reason"
    ).fetchall()
    torn = raw.execute(
        f"SELECT file, line FROM {PARSED} WHERE reason = 'torn' ORDER BY file"  # noqa: S608
    ).fetchall()
    listed = ", ".join(literal(name) for name in names)
    quarantine = session.query(
        f"SELECT ([{listed}])[file + 1] || ':' || line AS place, reason, text "  # noqa: S608
        f"FROM {PARSED} WHERE reason <> 'torn' ORDER BY file, line"
    )
    return Log(
        TABLE, requests, first, last, len(names), sum(n for _, n in reasons), dict(reasons),
        good - requests, [f"{names[file]}:{line}" for file, line in torn], quarantine,
    )  # fmt: skip


def _one(session: Session, query: str) -> tuple[Any, ...]:
    found = session.raw.execute(query).fetchone()
    assert found is not None  # noqa: S101  (an aggregate has one row)
    return found


def _refuse_versions(session: Session, names: list[str]) -> None:
    found = session.raw.execute(
        f"SELECT file, line, version FROM {PARSED} WHERE reason = 'version' "  # noqa: S608
        "ORDER BY file, line LIMIT 1"
    ).fetchone()
    if found is None:
        return
    message = f"log_version is {found[2]}; this mlpipe reads {VERSION}"
    hint = "upgrade mlpipe, or read the log with the mlpipe that wrote it"
    raise DataError(Problem(message, f"{names[found[0]]}:{found[1]}", "monitor.log", hint))


def _parse(as_of: datetime | None) -> str:
    """One scan: what a line says, and why it cannot be counted."""
    paths = "[" + ", ".join(literal(f"$.{field}") for field in _FIELDS) + "]"
    at = {field: place for place, field in enumerate(_FIELDS, 1)}
    value = {field: f"said[{place}]" for field, place in at.items()}
    of = {field: f"types[{place}]" for field, place in at.items()}
    known = ", ".join(map(literal, STATUSES))
    future = f"TIMESTAMP {literal(as_of.isoformat(sep=' '))}" if as_of else "NULL"
    # A line that is not JSON is never asked what it says: the functions of the engine refuse it.
    return f"""
    WITH valid AS (
        SELECT *, coalesce(json_valid(text), false) AS is_json FROM {LINES}
        WHERE text IS NULL OR text <> ''
    ), asked AS (
        SELECT file, line, text, torn, is_json,
            CASE WHEN is_json THEN json_extract_string(text, {paths}) END AS said,
            CASE WHEN is_json THEN json_type(text, {paths}) END AS types
        FROM valid
    ), cast_ AS (
        SELECT *, CASE WHEN regexp_full_match({value["time"]}, '{_TIME}')
            THEN TRY_CAST(left({value["time"]}, 10) || ' ' || regexp_extract({value["time"]},
            'T([0-9:.]+)', 1) AS TIMESTAMP) END AS time,
            TRY_CAST({value["rows"]} AS BIGINT) AS rows,
            TRY_CAST({value["latency_ms"]} AS DOUBLE) AS latency_ms,
            TRY_CAST({value["code"]} AS BIGINT) AS code,
            TRY_CAST({value["memory_mb"]} AS DOUBLE) AS memory_mb
        FROM asked
    ), judged AS (
        SELECT *, CASE
            WHEN NOT is_json AND torn THEN 'torn'
            WHEN NOT is_json THEN CASE WHEN text IS NULL THEN 'not UTF-8' ELSE 'not JSON' END
            WHEN coalesce({of["log_version"]}, '') NOT IN ('UBIGINT', 'BIGINT')
                THEN 'log_version: expected a whole number'
            WHEN {value["log_version"]} <> '{VERSION}' THEN 'version'
            {_type_reasons(of)}
            WHEN {value["id"]} = '' OR {value["process"]} = '' THEN 'id, process: expected a name'
            WHEN time IS NULL THEN 'time: expected UTC, as 2026-11-26T08:30:00Z'
            WHEN time > {future} THEN 'time: lies in the future'
            WHEN coalesce(rows < 0, true) THEN 'rows: expected 0 or more'
            WHEN coalesce(latency_ms < 0 OR isinf(latency_ms), true)
                THEN 'latency_ms: expected 0 or more'
            WHEN {value["status"]} NOT IN ({known}) THEN 'status: expected one of {_words()}'
            WHEN coalesce(code NOT BETWEEN 100 AND 599, true) THEN 'code: expected 100 to 599'
            WHEN memory_mb < 0 OR isinf(memory_mb) THEN 'memory_mb: expected 0 or more'
        END AS reason FROM cast_
    )
    SELECT file, line, reason, time, rows, latency_ms, code, memory_mb,
        {value["id"]} AS id, {value["status"]} AS status, {value["process"]} AS process,
        {value["log_version"]} AS version,
        {value["model.name"]} || ' ' || {value["model.version"]} AS model,
        CASE WHEN reason IS NOT NULL THEN left(text, 1000) END AS text
    FROM judged
    """  # noqa: S608


def _type_reasons(of: dict[str, str]) -> str:
    cases = []
    for field, (name, types) in _TYPES.items():
        allowed = ", ".join(map(literal, types))
        said = literal(f"{field}: expected {name}")
        cases.append(f"WHEN coalesce({of[field]}, '') NOT IN ({allowed}) THEN {said}")
    numbers = ", ".join(map(literal, ("NULL", *_NUMBER)))
    said = "'memory_mb: expected a number'"
    cases.append(f"WHEN {of['memory_mb']} NOT IN ({numbers}) THEN {said}")
    return "\n            ".join(cases)


def _words() -> str:
    return ", ".join(STATUSES)
