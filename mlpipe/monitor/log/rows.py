# ruff: noqa: S608 — names of our own tables; what comes from outside is quoted by `literal`.
"""The rows that a prediction log holds: features, one mapping a row, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.monitor.log.files import files, streamed
from mlpipe.monitor.log.read import FIRST, LINES, PARSED, read
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mlpipe.table.session import Session

__all__ = ["Logged", "logged"]

KEY = "monitor.current.log"
_ROWS = "prediction_log_rows"
_BATCH = 50_000


@dataclass(frozen=True)
class Logged:
    """The rows of a log.

    Attributes
    ----------
    rows : Path
        A row a line, as JSON; the time is among its keys.
    places : Path
        Parquet, an entry a line of `rows`: ``line`` (from 1), ``file`` and ``log_line``,
        ``model`` (name and version), ``digest`` (of its bundle) and ``score`` (JSON, or null).
    names : tuple of str
        The keys of the rows.
    requests : int
        Requests that were answered, with rows.
    failed : int
        Requests that were not answered.
    bare : int
        Requests that were answered and whose features were not kept.
    rejected : int
        Lines that are no entry of the log.
    """

    rows: Path
    places: Path
    names: tuple[str, ...]
    requests: int
    failed: int
    bare: int
    rejected: int

    def warnings(self) -> list[str]:
        """Say what was left out."""
        told = {
            "{n:,} requests failed; their rows are left out": self.failed,
            "{n:,} requests were logged without features; their rows are not known": self.bare,
            "{n:,} lines of the log are no entries": self.rejected,
        }
        return [text.format(n=number) for text, number in told.items() if number]


def logged(
    path: str,
    time: str | None,
    session: Session,
    *,
    daily: bool = False,
    as_of: datetime | None = None,
) -> Logged:
    """Write the rows of a log to a file of JSON lines.

    Parameters
    ----------
    path : str
        A file, a folder or a pattern.
    time : str or None
        The column that says when a row was known: the time of its request, where the caller does
        not send it.
    session : Session
    daily : bool
        Whether the column holds days.
    as_of : datetime, optional
        When the log was taken, naive and in UTC.

    Raises
    ------
    DataError
        There is no log, or none of its requests has features.
    """
    log = read(path, session, as_of)
    _unnest(path, session)
    (rows,) = session.raw.execute(f"SELECT count(*) FROM {_ROWS}").fetchone() or (0,)
    if not rows:
        hint = "serve keeps features where it is asked to; without them a log has no rows"
        raise DataError(Problem("no request of the log carries features", path, KEY, hint))
    target = session.path("logged", ".jsonl")
    with target.open("w", encoding="utf-8") as file:
        for texts in _texts(session, time, daily=daily):
            file.writelines(f"{text}\n" for text in texts)
    places = session.path("logged_places")
    names = [str(each) for each in files(path)]
    listed = ", ".join(literal(name) for name in names)
    session.copy(
        f"SELECT line_ AS line, ([{listed}])[file + 1] AS file, line AS log_line, model, digest, "
        f"scores[place] AS score FROM {_ROWS} ORDER BY line_",
        places,
    )
    counts = session.raw.execute(
        f"SELECT count(DISTINCT (file, line)) FROM {_ROWS}"
    ).fetchone() or (0,)
    keys = session.raw.execute(
        f"SELECT DISTINCT unnest(json_keys(features)) AS k FROM {_ROWS} "
        "WHERE json_type(features) = 'OBJECT' ORDER BY k"
    ).fetchall()
    found = tuple(dict.fromkeys([*([time] if time else []), *(key for (key,) in keys)]))
    answered, failed = session.raw.execute(
        f"SELECT count(*) FILTER (status = 'ok'), count(*) FILTER (status <> 'ok') FROM {log.table}"
    ).fetchone() or (0, 0)
    return Logged(target, places, found, counts[0], failed, answered - counts[0], log.rejected)


def _unnest(path: str, session: Session) -> None:
    """Read the log once more: of the requests that were answered, a row for each mapping."""
    raw = session.raw
    with streamed(raw, LINES, files(path)):
        raw.execute(
            f"""CREATE OR REPLACE TEMP TABLE {_ROWS} AS
            WITH chosen AS (
                SELECT file, line, time, model FROM {PARSED}
                WHERE status = 'ok' AND {FIRST}
            ), asked AS (
                SELECT c.*, json_extract_string(l.text, '$.model.digest') AS digest,
                    json_extract(l.text, '$.features[*]') AS features,
                    json_extract(l.text, '$.scores[*]') AS scores
                FROM chosen c JOIN {LINES} l USING (file, line)
            ), unnested AS (
                SELECT * EXCLUDE (features), unnest(features) AS features,
                    unnest(range(1, len(features) + 1)) AS place
                FROM asked
            )
            SELECT *, row_number() OVER (ORDER BY file, line, place) AS line_ FROM unnested"""
        )


def _texts(session: Session, time: str | None, *, daily: bool) -> Iterator[list[str]]:
    """Yield the rows as JSON, with the time of the request where the caller sent none."""
    text = "features::VARCHAR"
    if time is not None:
        shape = "%Y-%m-%d" if daily else "%Y-%m-%d %H:%M:%S.%f"
        pair = f"json_object({literal(time)}, strftime(time, {literal(shape)}))::VARCHAR"
        pointer = literal("/" + time.replace("~", "~0").replace("/", "~1"))
        bare = f"json_type(features) <> 'OBJECT' OR json_exists(features, {pointer})"
        rest = f"CASE WHEN {text} = '{{}}' THEN '}}' ELSE ',' || substr({text}, 2) END"
        text = f"CASE WHEN {bare} THEN {text} ELSE rtrim({pair}, '}}') || {rest} END"
    cursor = session.raw.execute(f"SELECT {text} FROM {_ROWS} ORDER BY line_")
    while found := cursor.fetchmany(_BATCH):
        yield [row for (row,) in found]
