"""The record of a chunk: what history keeps of it, a pure function of the chunk's own data."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError
from mlpipe.monitor.chunks import CALENDAR, LEVELS
from mlpipe.monitor.history.before import MOST
from mlpipe.monitor.history.counted import is_count, is_counted
from mlpipe.monitor.history.measures import Measure, measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["FORMAT", "check", "digest", "records"]

FORMAT = 1

GROUPS = (
    "drift", "prediction", "quality", "naive", "estimate", "business", "fairness", "served", "data",
)  # fmt: skip
"""What a measure is about; a section of the page each."""

_TEXTS = ("chunk", "period", "until", "every", "ordered_by", "content", "profile")
_STATUSES = (*LEVELS, "insufficient")


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def records(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one record for each chunk of a window, in order; of more than `MOST` the last ones.

    Parameters
    ----------
    report : mapping
        What monitor observed of the window. Each part of it that `measures` knows is kept.

    Returns
    -------
    list of dict
        ``format``, ``chunk`` (its label), ``period`` and ``until`` (the keys of its start and of
        the last period that it joins), ``every``, ``ordered_by`` (``time``, or ``as_of`` where
        the data has none), ``rows``, ``content`` and ``profile`` (digests), and ``measures``:
        by name, ``group``, ``value``, ``low``, ``high``, ``status``, ``n``; and ``counts``, what
        each column counted, where that is known. A chunk that has no place in the order of time is
        left out.
    """
    measured = measures(report)
    rows = [row for row in report["chunks"] if row["period"] is not None]
    placed = sorted([*rows, *_of_log(report, measured)], key=lambda row: str(row["period"]))
    return [
        {
            "format": FORMAT,
            **{key: row[key] for key in ("chunk", "period", "until", "ordered_by", "rows")},
            "every": report["every"] or "all",
            "content": row["content"],
            "profile": report["profile"],
            "measures": _of_chunk(measured, row["chunk"]),
            **({"counts": row["counts"]} if row.get("counts") else {}),
        }
        for row in placed[-MOST:]
    ]


def _of_chunk(measured: Sequence[Measure], chunk: str) -> dict[str, Any]:
    return {
        each.name: {"group": each.group, **each.points[chunk]}
        for each in measured
        if chunk in each.points
    }


def _of_log(report: Mapping[str, Any], measured: Sequence[Measure]) -> Iterator[dict[str, Any]]:
    """Yield the calendar periods of the log for which the window has no rows."""
    if report["every"] not in CALENDAR:
        return
    spans = [(row["period"], row["until"]) for row in report["chunks"] if row["period"]]
    for row in (report.get("log") or {}).get("chunks", ()):
        period, label = row["period"], row["chunk"]
        if any(first <= period <= last for first, last in spans):
            continue
        content = digest(_of_chunk(measured, label))
        place = {"period": period, "until": period, "ordered_by": "time"}
        yield {"chunk": label, **place, "rows": 0, "content": content}


def check(record: Any, place: str = "") -> None:
    """Accept what was read back only if it is a record.

    Raises
    ------
    StoreError
        For a record of a newer format.
    ValueError
        For anything that is none.
    """
    number = record.get("format") if isinstance(record, dict) else None
    if isinstance(number, int) and number > FORMAT:
        what = f"written by a newer mlpipe (format {number}; this one knows {FORMAT})"
        hint = "upgrade mlpipe, or leave its history out: -S monitor.history=false"
        raise StoreError(Problem(what, place, hint=hint))
    if number != FORMAT or not _is_record(record):
        raise ValueError("no record of a chunk")


def _is_record(record: Mapping[str, Any]) -> bool:
    if not all(isinstance(record.get(key), str) for key in _TEXTS):
        return False
    rows, points, counts = record.get("rows"), record.get("measures"), record.get("counts", {})
    if not is_count(rows) or not isinstance(points, dict) or not isinstance(counts, dict):
        return False
    return all(map(_is_measured, points.values())) and all(map(is_counted, counts.values()))


def _is_measured(point: Any) -> bool:
    if not isinstance(point, dict) or point.get("status") not in _STATUSES:
        return False
    numbers = (point.get(key, "") for key in ("value", "low", "high"))
    return (
        point.get("group") in GROUPS
        and is_count(point.get("n"))
        and all(each is None or _is_number(each) for each in numbers)
    )


def _is_number(value: Any) -> bool:
    """Whether a value is a number that can be counted with: no truth, no infinity, no NaN."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and abs(value) <= sys.float_info.max
