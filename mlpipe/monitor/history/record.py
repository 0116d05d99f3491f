"""The record of a chunk: what history keeps of it, a pure function of the chunk's own data."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError
from mlpipe.monitor.chunks import LEVELS
from mlpipe.monitor.history.measures import measures

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Return one record for each chunk of a window, in order.

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
        by name, ``group``, ``value``, ``low``, ``high``, ``status``, ``n``. A chunk that has no
        place in the order of time is left out.
    """
    measured = measures(report)
    return [
        {
            "format": FORMAT,
            **{key: row[key] for key in ("chunk", "period", "until", "ordered_by")},
            "every": report["every"] or "all",
            "rows": row["rows"],
            "content": row["content"],
            "profile": report["profile"],
            "measures": {
                each.name: {"group": each.group, **each.points[row["chunk"]]}
                for each in measured
                if row["chunk"] in each.points
            },
        }
        for row in report["chunks"]
        if row["period"] is not None
    ]


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
        hint = "upgrade mlpipe, or leave its history out: monitor: {history: false}"
        raise StoreError(Problem(what, place, hint=hint))
    if number != FORMAT or not _is_record(record):
        raise ValueError("no record of a chunk")


def _is_record(record: Mapping[str, Any]) -> bool:
    if not all(isinstance(record.get(key), str) for key in _TEXTS):
        return False
    rows, points = record.get("rows"), record.get("measures")
    return (
        isinstance(rows, int)
        and isinstance(points, dict)
        and all(map(_is_measured, points.values()))
    )


def _is_measured(point: Any) -> bool:
    if not isinstance(point, dict) or point.get("status") not in _STATUSES:
        return False
    numbers = (point.get(key, "") for key in ("value", "low", "high"))
    return point.get("group") in GROUPS and all(
        each is None or isinstance(each, int | float) for each in numbers
    )
