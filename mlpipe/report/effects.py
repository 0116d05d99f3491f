"""What decisions were worth and how far groups were apart, on the page: now against training."""

from __future__ import annotations

from typing import Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

__all__ = ["effects"]

_TITLES = {"business": "Business value", "fairness": "Fairness"}


def effects(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts that have a realised figure; without labels there are estimates alone.

    Parameters
    ----------
    report : dict
        Of monitor: ``business`` and ``fairness``.

    Returns
    -------
    list of dict
        ``title``, ``status`` and ``measures``: each with ``chunks`` that have labels, each with
        its ``span``, and ``last``, the latest of them.
    """
    parts = []
    for kind, title in _TITLES.items():
        part = report.get(kind)
        part = part if isinstance(part, dict) else {}
        told = [_measure(each) for each in _rows(part.get("measures"))]
        known = [each for each in told if each["chunks"]]
        if known:
            parts.append({"title": title, "status": part.get("status"), "measures": known})
    return parts


def _measure(measure: dict[str, Any]) -> dict[str, Any]:
    was = measure.get("reference")
    was = was if isinstance(was, dict) else {}
    rows = [row for row in _rows(measure.get("chunks")) if row.get("labelled")]
    marks = [was.get("value")]
    ends = [row[end] for row in rows for end in ("low", "high") if is_number(row.get(end))]
    chunks = [
        {**row, "span": span(row.get("value"), row.get("low"), row.get("high"), marks, ends)}
        for row in rows
    ]
    return {**measure, "reference": was, "chunks": chunks, "last": chunks[-1] if chunks else {}}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
