"""The champion beside the model, out of the report of evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["champion", "told"]


def champion(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows: who it is, and by how much the model is better.

    Parameters
    ----------
    report : mapping
        ``report.json`` of evaluate.

    Returns
    -------
    dict
        ``words``, ``notes`` and ``parts`` (``name``, ``rows`` of the table); empty where there
        is no champion.
    """
    found = report.get("champion")
    if not isinstance(found, dict):
        return {}
    left_out = found.get("left_out") or {}
    notes = [f"not compared on {part}: {why}" for part, why in left_out.items()]
    parts = found.get("parts") or {}
    return {
        "words": found.get("words"),
        "notes": [*notes, *(found.get("notes") or [])],
        "parts": [
            {"name": part, "rows": list(_rows(report, part, parts[part]))} for part in sorted(parts)
        ],
    }


def told(difference: Mapping[str, Any]) -> str:
    """Say in a word what an interval of a difference says of the model.

    >>> told({"low": 0.1, "high": 0.2}), told({"low": -0.1, "high": 0.2}), told({})
    ('better', 'no clear difference', '')
    """
    low, high = difference.get("low"), difference.get("high")
    if not is_number(low) or not is_number(high):
        return ""
    if low == high == 0:
        return "the same"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _rows(
    report: Mapping[str, Any], part: str, found: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield a line a metric: both values, and the difference with 0 marked on its line."""
    mine = {
        each.get("name"): each.get("value")
        for each in ((report.get("parts") or {}).get(part) or {}).get("metrics") or []
    }
    mine |= {
        each.get("name"): (each.get("per_1000") or {}).get("value")
        for each in report.get("business") or []
        if each.get("part") == part
    }
    for kind in ("metrics", "business"):
        for each in found.get(kind) or []:
            difference = each.get("difference") or {}
            value, low, high = (difference.get(end) for end in ("value", "low", "high"))
            yield {
                **each,
                "model": mine.get(each.get("name")),
                "unit": "per 1,000 rows" if kind == "business" else "",
                "span": span(value, low, high, [0]),
                "told": told(difference),
            }
