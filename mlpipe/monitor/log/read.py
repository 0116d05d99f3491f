"""Read a prediction log in one scan: what can be counted, and what goes to quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.monitor.log.entry import VERSION
from mlpipe.monitor.log.files import files, streamed
from mlpipe.monitor.log.parse import parsed
from mlpipe.table.session import literal

if TYPE_CHECKING:
    import ibis.expr.types as ir  # noqa: TC004

    from mlpipe.table.session import Session

__all__ = ["FIRST", "LINES", "PARSED", "Log", "read"]

TABLE = "prediction_log"
LINES = "prediction_log_lines"
PARSED = "prediction_log_parsed"
_AGAIN = "prediction_log_again"
FIRST = f"reason IS NULL AND (file, line) NOT IN (SELECT (file, line) FROM {_AGAIN})"  # noqa: S608
"""Holds for a line that counts: the first one of its request."""

_AT_ONCE = 1_000_000
"""Requests whose ids are held in memory at once."""
_SHOWN = 5
"""Reasons that are told where no line can be read."""


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
        There is no log, it cannot be read, it is of a version that this reader does not know, or
        it has lines and none of them is an entry.

    Notes
    -----
    Lines stream from the files through the engine into a file of a few numbers each, and ids are
    compared a million at a time, so that memory does not grow with the log. Duplicates are of
    the same id; the first line of one counts.
    """
    paths = files(path)
    names = [str(each) for each in paths]
    raw = session.raw
    with streamed(raw, LINES, paths):
        lines = _keep(session, PARSED, parsed(as_of, LINES))
    _refuse_versions(session, names)
    _refuse_nothing_but_bad(session, path, names)
    parts = 1 + lines // _AT_ONCE
    _keep(session, _AGAIN, *(_repeated(at, parts) for at in range(parts)))
    columns = "time, rows, latency_ms, status, code, process, memory_mb, model"
    _keep(session, TABLE, f"SELECT {columns} FROM {PARSED} WHERE {FIRST}")  # noqa: S608
    return _log(session, names)


def _keep(session: Session, name: str, *queries: str) -> int:
    """Write what queries find to files, one after the other, as a view; return the rows."""
    paths = [session.path(name) for _ in queries]
    pairs = zip(queries, paths, strict=True)
    rows = sum(session.copy(query, path, compression="lz4") for query, path in pairs)
    listed = ", ".join(literal(str(path)) for path in paths)
    session.raw.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet([{listed}])")
    return rows


def _repeated(part: int, parts: int) -> str:
    """Return SQL of the lines whose request was there before, among a part of all ids."""
    known = f"FROM {PARSED} WHERE reason IS NULL AND hash(id) % {parts} = {part}"
    return f"""
    SELECT file, line FROM (SELECT file, line, id {known}) JOIN (
        SELECT id, min((file, line)) AS first {known} GROUP BY id HAVING count(*) > 1
    ) USING (id) WHERE (file, line) <> first
    """  # noqa: S608


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


def _refuse_nothing_but_bad(session: Session, path: str, names: list[str]) -> None:
    """Refuse a log of which no line can be counted: to call it quiet would be wrong."""
    known, rejected = _one(
        session,
        "SELECT count(*) FILTER (reason IS NULL), count(*) FILTER (reason <> 'torn') "  # noqa: S608
        f"FROM {PARSED}",
    )
    if known or not rejected:
        return
    reasons = session.raw.execute(
        "SELECT reason, count(*), min((file, line)) AS first "  # noqa: S608
        f"FROM {PARSED} WHERE reason <> 'torn' GROUP BY reason ORDER BY first LIMIT {_SHOWN}"
    ).fetchall()
    told = [
        Problem(f"{reason} ({count:,} line{'s' * (count > 1)})", f"{names[file]}:{line}")
        for reason, count, (file, line) in reasons
    ]
    message = f"none of its {rejected:,} lines is an entry of a prediction log"
    raise DataError(Problem(message, path), *told)
