"""How values are written on the page: numbers, shares, times, and the tone of a status."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from markupsafe import Markup

__all__ = [
    "FILTERS",
    "NOTHING",
    "is_number",
    "moment",
    "number",
    "pairs",
    "percent",
    "plural",
    "seconds",
    "titled",
    "tone",
    "where",
]

NOTHING = "–"
"""Stands where there is no value."""

_TONES = {
    "good": ("pass", "passed", "ok", "computed", "good"),
    "bad": ("fail", "failed", "alert", "error", "bad"),
    "doubt": ("warn", "warned", "warning", "inconclusive", "insufficient", "empty", "doubt"),
}
_SIGNS = {"good": "✓", "bad": "✗", "doubt": "!", "plain": "·"}


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether it is a finite number, and not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(value: Any) -> str:
    """Write a number with at most four significant digits, integers whole.

    >>> number(0.84321), number(12345), number(12345.6), number(None)
    ('0.8432', '12,345', '12,346', '–')
    """
    if not is_number(value):
        return NOTHING
    if isinstance(value, int) or 10_000 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.4g}"


def chance(value: Any) -> str:
    """Write a p-value; below 0.0001 its size says nothing.

    >>> chance(3e-12), chance(0.0123)
    ('< 0.0001', '0.0123')
    """
    return "< 0.0001" if is_number(value) and 0 <= value < 1e-4 else number(value)


def percent(value: Any) -> str:
    """Write a share in percent.

    >>> percent(0.0841), percent(1)
    ('8.41 %', '100 %')
    """
    return f"{value * 100:.3g} %" if is_number(value) else NOTHING


def seconds(value: Any) -> str:
    """Write a duration for people.

    >>> seconds(0.0123), seconds(12.3), seconds(192)
    ('12 ms', '12.3 s', '3 min 12 s')
    """
    if not is_number(value):
        return NOTHING
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def moment(value: Any) -> str:
    """Write a point in time to the minute; what is none, as `text`.

    >>> moment("2026-06-30T09:12:44.137+00:00")
    '2026-06-30 09:12 UTC'
    """
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return text(value)
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at.tzinfo else text(value)


def text(value: Any) -> str:
    """Write any value: text as it is, numbers as `number`, lists with commas.

    >>> text(["basic", 2]), text({"min": 1000, "max": None}), text(False)
    ('basic, 2', 'min = 1,000', 'false')
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return value
    if is_number(value):
        return number(value)
    if isinstance(value, list):
        return ", ".join(text(item) for item in value)
    if isinstance(value, dict):
        return settings(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def name(value: Any) -> Markup:
    """Write a name so that a narrow table may break it after its underscores."""
    from markupsafe import Markup, escape

    return Markup(str(escape(text(value))).replace("_", "_<wbr>"))  # noqa: S704 - escaped first


def plural(count: Any, noun: str) -> str:
    """Write a count with its noun.

    >>> plural(1, "row"), plural(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def pairs(value: Any) -> str:
    """Write a mapping as ``plan = pro, region = north``."""
    if not isinstance(value, dict):
        return text(value)
    return ", ".join(f"{key} = {text(item)}" for key, item in value.items())


def titled(gate: Mapping[str, Any]) -> str:
    """Write a gate in a line, with the slice that was judged: one gate may judge many.

    >>> titled({"gate": "f1 >= 0.5 for each plan", "slice": {"plan": "pro"}})
    'f1 >= 0.5 for each plan [plan = pro]'
    """
    name = str(gate.get("gate") or gate.get("metric"))
    each = gate.get("slice") if " where " not in name else None  # a gate on one says which
    return f"{name} [{pairs(each)}]" if each else name


def settings(value: Any) -> str:
    """Write a mapping like `pairs`, without what is null: a parameter that was not given."""
    given = isinstance(value, dict)
    return pairs({k: v for k, v in value.items() if v is not None} if given else value)


def tone(status: Any) -> str:
    """Return good, bad, doubt or plain: how a status looks."""
    return next((name for name, words in _TONES.items() if status in words), "plain")


def sign(status: Any) -> str:
    """Return a sign for a status, for those who do not see its colour."""
    return _SIGNS[tone(status)]


def where(example: Any) -> str:
    """Write one failing row in a line: where it is, its key, and the value at fault.

    >>> where({"row": 7, "key": {"id": "k7"}, "value": -1, "file": "a.csv", "line": 9})
    'a.csv:9 (id = k7): -1'
    """
    given = example if isinstance(example, dict) else {}
    place = f"row {text(given.get('row'))}"
    if given.get("file"):
        place = f"{given['file']}:{given.get('line')}"
    key = f" ({pairs(given['key'])})" if given.get("key") else ""
    value = given.get("value")
    return f"{place}{key}: {'missing' if value is None else pairs(value)}"


FILTERS: dict[str, Callable[..., str]] = {
    "chance": chance,
    "moment": moment,
    "name": name,
    "number": number,
    "pairs": pairs,
    "percent": percent,
    "plural": plural,
    "seconds": seconds,
    "settings": settings,
    "sign": sign,
    "text": text,
    "tone": tone,
    "where": where,
}
"""The filters of the templates, by name."""
