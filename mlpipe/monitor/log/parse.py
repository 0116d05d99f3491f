# ruff: noqa: S608 — fields and words are of this file; what comes from outside is quoted by `literal`.
"""SQL that parses lines of the prediction log: what each says, and why it cannot be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.monitor.log.entry import STATUSES, VERSION
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["parsed"]

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

_AT = {field: place for place, field in enumerate(_FIELDS, 1)}
_SAID = {field: f"said[{place}]" for field, place in _AT.items()}
"""SQL of the text of each field."""
_IS = {field: f"types[{place}]" for field, place in _AT.items()}
"""SQL of its type in JSON."""


def parsed(as_of: datetime | None, lines: str) -> str:
    """Return a query that reads each line once.

    Parameters
    ----------
    as_of : datetime or None
        When the log was taken, naive and in UTC; a later time lies in the future.
    lines : str
        The table of lines: ``file``, ``line``, ``text`` (null: not UTF-8) and ``torn``.

    Returns
    -------
    str
        ``file``, ``line``, ``reason`` (null of what counts), ``time``, ``rows``, ``latency_ms``,
        ``code``, ``memory_mb``, ``id``, ``status``, ``process``, ``version``, ``model``, and
        ``text`` where there is a reason.
    """
    return f"""
    WITH asked AS ({_asked(lines)}), cast_ AS ({_cast()}), judged AS (
        SELECT *, CASE {_reasons(as_of)} END AS reason FROM cast_
    )
    SELECT file, line, reason, time, rows, latency_ms, code, memory_mb,
        {_SAID["id"]} AS id, {_SAID["status"]} AS status, {_SAID["process"]} AS process,
        {_SAID["log_version"]} AS version,
        {_SAID["model.name"]} || ' ' || {_SAID["model.version"]} AS model,
        CASE WHEN reason IS NOT NULL THEN left(text, 1000) END AS text
    FROM judged
    """


def _asked(lines: str) -> str:
    """Take the fields out; a line that is not JSON is never asked: the engine refuses it."""
    paths = "[" + ", ".join(literal(f"$.{field}") for field in _FIELDS) + "]"
    return f"""
        SELECT file, line, text, torn, is_json,
            CASE WHEN is_json THEN json_extract_string(text, {paths}) END AS said,
            CASE WHEN is_json THEN json_type(text, {paths}) END AS types
        FROM (
            SELECT *, coalesce(json_valid(text), false) AS is_json FROM {lines}
            WHERE text IS NULL OR text <> ''
        )"""


def _cast() -> str:
    time = _SAID["time"]
    return f"""
        SELECT *, CASE WHEN regexp_full_match({time}, '{_TIME}')
            THEN TRY_CAST(left({time}, 10) || ' ' || regexp_extract({time}, 'T([0-9:.]+)', 1)
                AS TIMESTAMP) END AS time,
            TRY_CAST({_SAID["rows"]} AS BIGINT) AS rows,
            TRY_CAST({_SAID["latency_ms"]} AS DOUBLE) AS latency_ms,
            TRY_CAST({_SAID["code"]} AS BIGINT) AS code,
            TRY_CAST({_SAID["memory_mb"]} AS DOUBLE) AS memory_mb
        FROM asked"""


def _reasons(as_of: datetime | None) -> str:
    """Return the cases of a line that cannot be counted; the first that holds is told."""
    known, words = ", ".join(map(literal, STATUSES)), ", ".join(STATUSES)
    future = f"TIMESTAMP {literal(as_of.isoformat(sep=' '))}" if as_of else "NULL"
    return f"""
            WHEN NOT is_json AND torn THEN 'torn'
            WHEN NOT is_json THEN CASE WHEN text IS NULL THEN 'not UTF-8' ELSE 'not JSON' END
            WHEN coalesce({_IS["log_version"]}, '') NOT IN ('UBIGINT', 'BIGINT')
                THEN 'log_version: expected a whole number'
            WHEN {_SAID["log_version"]} <> '{VERSION}' THEN 'version'
            {_type_reasons()}
            WHEN {_SAID["id"]} = '' OR {_SAID["process"]} = '' THEN 'id, process: expected a name'
            WHEN time IS NULL THEN 'time: expected UTC, as 2026-11-26T08:30:00Z'
            WHEN time > {future} THEN 'time: lies in the future'
            WHEN coalesce(rows < 0, true) THEN 'rows: expected 0 or more'
            WHEN coalesce(latency_ms < 0 OR NOT isfinite(latency_ms), true)
                THEN 'latency_ms: expected 0 or more'
            WHEN {_SAID["status"]} NOT IN ({known}) THEN 'status: expected one of {words}'
            WHEN coalesce(code NOT BETWEEN 100 AND 599, true) THEN 'code: expected 100 to 599'
            WHEN memory_mb < 0 OR NOT isfinite(memory_mb) THEN 'memory_mb: expected 0 or more'"""


def _type_reasons() -> str:
    cases = []
    for field, (name, types) in _TYPES.items():
        allowed = ", ".join(map(literal, types))
        said = literal(f"{field}: expected {name}")
        cases.append(f"WHEN coalesce({_IS[field]}, '') NOT IN ({allowed}) THEN {said}")
    numbers = ", ".join(map(literal, ("NULL", *_NUMBER)))
    said = "'memory_mb: expected a number'"
    cases.append(f"WHEN {_IS['memory_mb']} NOT IN ({numbers}) THEN {said}")
    return "\n            ".join(cases)
